// Sorting and filtering of the rows of pairs. Plain JavaScript, no library.
"use strict";
for (const table of document.querySelectorAll("table.pairs")) {
  const body = table.tBodies[0];
  const heads = Array.from(table.tHead.rows[0].cells);
  const rows = Array.from(body.rows);
  const filters = table.closest("section").querySelector(".filters");
  const selects = Array.from(filters.querySelectorAll("select"));
  const output = document.getElementById(table.dataset.count);

  // A failed pair counts as infinitely wrong; what does not exist has no place and goes last.
  const key = (row, column) => {
    const text = row.cells[column].textContent;
    if (text === "\u2013") return null;
    if (text === "failed") return Infinity;
    const number = Number(text);
    return Number.isNaN(number) ? text : number;
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a < b ? -1 : a > b ? 1 : 0;
    return String(a).localeCompare(String(b), undefined, { numeric: true });
  };
  const sort = (column) => {
    const ascending = heads[column].getAttribute("aria-sort") !== "ascending";
    heads.forEach((head, index) => {
      head.setAttribute("aria-sort", index !== column ? "none" : ascending ? "ascending" : "descending");
    });
    const keyed = rows.map((row, index) => ({ row, index, key: key(row, column) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) {
        return (a.key === null) - (b.key === null) || a.index - b.index;
      }
      return (ascending ? 1 : -1) * compare(a.key, b.key) || a.index - b.index;
    });
    body.append(...keyed.map((entry) => entry.row));
  };
  const filter = () => {
    let shown = 0;
    for (const row of rows) {
      const matches = (select) => !select.value || row.dataset[select.dataset.filter] === select.value;
      row.hidden = !selects.every(matches);
      if (!row.hidden) shown += 1;
    }
    output.textContent = shown + " of " + rows.length + " rows";
  };
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => sort(column));
  });
  for (const select of selects) select.addEventListener("change", filter);
  filters.hidden = false;
  filter();
}
