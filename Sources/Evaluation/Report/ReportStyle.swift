// The style of the report. Colours of lines are told apart by readers with any kind of colour vision, in light and
// dark, and have a contrast of at least 4.5 to the page, for the names beside the lines are written in them.

import Export

/// CSS of the page.
enum ReportStyle {
  /// The whole style sheet.
  static let text = """
    :root {
      color-scheme: light dark;
      --page: #ffffff; --ink: #1b1f24; --soft: #59636e; --rule: #d5dae0; --box: #f4f6f8; --bad: #b3261e;
      --c0: #0063a6; --c1: #b34700; --c2: #00705a; --c3: #94307c; --c4: #7a5c00; --c5: #3d4652;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14171b; --ink: #e6e9ed; --soft: #9aa4af; --rule: #333a42; --box: #1d2126; --bad: #ff8a80;
        --c0: #62b5f5; --c1: #ff9d5c; --c2: #3fd0a8; --c3: #e58fd0; --c4: #e3c04f; --c5: #b9c2cc;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 70rem; background: var(--page); color: var(--ink);
      font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
    }
    h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; }
    h2 { margin: 2.5rem 0 .5rem; padding-top: .75rem; border-top: 3px solid var(--ink); font-size: 1.4rem; }
    h3 { margin: 2.25rem 0 .75rem; font-size: 1.1rem; }
    h4 { margin: 1.25rem 0 .5rem; font-size: .95rem; color: var(--soft); }
    nav { display: flex; gap: 1.25rem; margin-top: .5rem; }
    a { color: var(--c0); }
    figure { margin: 0; }
    small { font-size: .82em; color: var(--soft); font-weight: 400; }
    .lead { margin: 0; font-size: 1.1rem; }
    .note { margin: .5rem 0; max-width: 48rem; font-size: .88rem; color: var(--soft); }

    .recipe {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .65rem 1.5rem;
      margin: 0; padding: 1rem 1.1rem; background: var(--box); border-radius: 8px 8px 0 0;
    }
    .recipe div:first-child { grid-column: span 2; }
    .recipe dt { font-size: .78rem; color: var(--soft); }
    .recipe dd { margin: 0; font-size: .92rem; line-height: 1.35; overflow-wrap: anywhere; }
    .matchers {
      margin: 0; padding: .8rem 1.1rem; list-style: none; font-size: .88rem; background: var(--box);
      border-top: 1px solid var(--rule); border-radius: 0 0 8px 8px;
    }
    .matchers li { padding: .12rem 0 .12rem 2.2rem; text-indent: -2.2rem; overflow-wrap: anywhere; }
    .swatch { width: 26px; height: 8px; margin-right: .55rem; vertical-align: .08em; }

    .scroll { overflow-x: auto; }
    .scroll.rows { max-height: 80vh; overflow: auto; border: 1px solid var(--rule); border-radius: 8px; }
    .scroll.rows tbody tr:last-child td { border-bottom: 0; }
    .scroll.rows thead th { position: sticky; top: 0; background: var(--page); box-shadow: 0 2px var(--ink); }
    .scroll:focus-visible { outline: 2px solid var(--c0); outline-offset: 2px; }
    table { width: 100%; border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .4rem .6rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--rule); }
    thead th { vertical-align: bottom; font-size: .82rem; line-height: 1.25; border-bottom: 2px solid var(--ink); }
    thead small { display: block; white-space: nowrap; }
    th:first-child, td:first-child { text-align: left; }
    .summary thead th:not(:first-child) { width: 9.6%; }
    .summary th[scope=row] { font-weight: 500; white-space: nowrap; }
    .summary td small { display: block; line-height: 1.1; font-size: .75em; white-space: nowrap; }
    .summary .group th { padding-top: 1rem; text-align: left; font-weight: 700; }
    .summary .group span { position: sticky; left: .6rem; }
    .summary tbody tr > :first-child { position: sticky; left: 0; background: var(--page); }

    svg text { fill: currentColor; }
    svg .tick, svg .axis { fill: var(--soft); }
    .grid, .base { stroke: var(--rule); stroke-width: 1; }
    .base { stroke: var(--soft); }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
    .leader { stroke-width: 1; opacity: .7; }
    .name { font-weight: 600; }
    .line.s0 { stroke-width: 3; }
    .line.s1 { stroke-dasharray: 9 3; }
    .line.s2 { stroke-dasharray: 4 2.5; }
    .line.s3 { stroke-dasharray: 10 2.5 2 2.5; }
    .line.s4 { stroke-dasharray: 2 2; }
    .line.s5 { stroke-dasharray: 12 3 2 3 2 3; }
    .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
    .s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); }
    .bar, svg .name { stroke: none; }
    .bar.s0, svg .name.s0 { fill: var(--c0); } .bar.s1, svg .name.s1 { fill: var(--c1); }
    .bar.s2, svg .name.s2 { fill: var(--c2); } .bar.s3, svg .name.s3 { fill: var(--c3); }
    .bar.s4, svg .name.s4 { fill: var(--c4); } .bar.s5, svg .name.s5 { fill: var(--c5); }
    .bar.failed { fill: var(--page); stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 3 2; }
    .chart svg, .panels svg.panel { display: block; width: 100%; height: auto; }
    .chart .narrow { display: none; }
    .panels {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(15.5rem, 1fr)); gap: 1.25rem 1.75rem;
      margin-top: 1rem;
    }
    .panels figure { max-width: 24rem; }
    .panels.bars { grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); }

    .drawings { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.5rem; }
    .drawings > div { min-width: 0; }
    .drawings figure { margin-bottom: 1.1rem; }
    .drawings img { display: block; width: 100%; height: auto; border-radius: 4px; background: #16181d; }
    figcaption { margin: .35rem 0; font-size: .88rem; line-height: 1.4; overflow-wrap: anywhere; }
    .ramp {
      display: inline-block; width: 5rem; height: .6rem; border-radius: 2px; vertical-align: -.02em;
      background: linear-gradient(90deg, \(scoreRamp));
    }
    .outlier { color: var(--bad); font-weight: 600; }

    .filters { display: flex; flex-wrap: wrap; align-items: baseline; gap: .5rem 1.25rem; margin-bottom: .6rem; }
    .filters[hidden] { display: none; }
    .filters label, .filters output { font-size: .88rem; color: var(--soft); }
    select {
      margin-left: .3rem; padding: .3rem .5rem; font: inherit; color: var(--ink); background: var(--box);
      border: 1px solid var(--rule); border-radius: 6px;
    }
    .pairs td:nth-child(2), .pairs th:nth-child(2), .failures th, .failures td { text-align: left; }
    .pairs td:nth-child(2), .failures td:not(:first-child) { overflow-wrap: anywhere; }
    .pairs td:nth-child(2) { min-width: 13rem; }
    .pairs th { padding: 0; }
    .pairs button {
      width: 100%; min-height: 2.75rem; padding: .4rem .6rem; font: inherit; line-height: 1.25; text-align: inherit;
      vertical-align: bottom; color: inherit; background: none; border: 0; cursor: pointer;
    }
    .pairs button:hover { background: var(--box); }
    .pairs button:focus-visible, select:focus-visible { outline: 2px solid var(--c0); outline-offset: -2px; }
    .pairs button::after { content: "\\2195"; margin-left: .25em; color: var(--soft); opacity: .6; }
    .pairs [aria-sort=ascending] button::after { content: "\\2191"; color: var(--ink); opacity: 1; }
    .pairs [aria-sort=descending] button::after { content: "\\2193"; color: var(--ink); opacity: 1; }
    .pairs button small { display: inline; }
    .bad { color: var(--bad); font-weight: 600; }

    @media (max-width: 40rem) {
      body { padding: 1.25rem 1rem 3rem; }
      h1 { font-size: 1.45rem; }
      .recipe { grid-template-columns: 1fr 1fr; gap: .6rem 1rem; padding: .8rem .9rem; }
      .recipe div:first-child { grid-column: 1 / -1; }
      .chart .wide { display: none; }
      .chart .narrow { display: block; }
      .drawings { grid-template-columns: 1fr; }
      .panels, .panels.bars { grid-template-columns: 1fr; }
      table { font-size: .84rem; }
      th, td, .pairs button { padding-left: .4rem; padding-right: .4rem; }
      .summary .swatch { display: none; }
      .pairs td:nth-child(2) { min-width: 8.5rem; }
      .summary .group span { left: .4rem; }
    }
    @media print {
      @page { margin: 14mm; }
      :root {
        color-scheme: light;
        --page: #ffffff; --ink: #000000; --soft: #454c54; --rule: #c4cad1; --box: #ffffff; --bad: #a31910;
        --c0: #0063a6; --c1: #b34700; --c2: #00705a; --c3: #94307c; --c4: #7a5c00; --c5: #3d4652;
      }
      body { max-width: none; padding: 0; font-size: 9.5pt; }
      nav, .filters { display: none; }
      .recipe { grid-template-columns: repeat(4, 1fr); gap: .4rem 1rem; }
      .recipe, .matchers { padding: .6rem .8rem; border: 1px solid var(--rule); border-radius: 0; }
      .matchers { border-top: 0; }
      .scroll, .scroll.rows { max-height: none; overflow: visible; border: 0; }
      .scroll.rows thead th { position: static; box-shadow: none; }
      table { font-size: 8pt; }
      th, td, .pairs th { padding: .2rem .3rem; }
      thead th { font-size: 7pt; }
      .pairs button { display: contents; }
      .summary td small { display: inline; margin-left: .3em; }
      h2 { margin-top: 1rem; }
      h3 { margin-top: 1.25rem; }
      section + section { break-before: page; }
      .pairs button::after { content: none; }
      .pairs td:nth-child(2), .pairs th:nth-child(2) { width: 36%; min-width: 0; }
      thead { display: table-header-group; }
      tr, figure, .recipe, .matchers { break-inside: avoid; }
      .summary tbody { break-inside: avoid; }
      h2, h3, h4, h3 + .note { break-after: avoid; }
      .panels, .panels.bars { grid-template-columns: repeat(3, 1fr); }
      .bar, .ramp, .drawings img { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
    }

    """

  /// Colours of rising scores, as in the pictures.
  private static var scoreRamp: String {
    (0...8).map { step in
      let color = ScoreColors.color(Double(step) / 8)
      return "rgb(\(color.red) \(color.green) \(color.blue))"
    }.joined(separator: ", ")
  }
}
