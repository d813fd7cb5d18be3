// One value per image of a pair.

package enum PairSide: Int, CaseIterable, Sendable {
  case first
  case second
}

package struct Pair<Value> {
  package var first: Value
  package var second: Value

  package init(_ first: Value, _ second: Value) {
    self.first = first
    self.second = second
  }

  package init(_ make: (PairSide) throws -> Value) rethrows {
    first = try make(.first)
    second = try make(.second)
  }

  package subscript(side: PairSide) -> Value {
    get { side == .first ? first : second }
    set { if side == .first { first = newValue } else { second = newValue } }
  }

  package func map<Result>(_ transform: (Value) throws -> Result) rethrows -> Pair<Result> {
    Pair<Result>(try transform(first), try transform(second))
  }

  package var swapped: Pair { Pair(second, first) }

  package var both: [Value] { [first, second] }
}

extension Pair: Sendable where Value: Sendable {}
extension Pair: Equatable where Value: Equatable {}
extension Pair: Hashable where Value: Hashable {}
