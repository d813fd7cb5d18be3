// 3x3 matrices of Double: homographies, F, E, K and rotations.

/// Encodes as three rows of three numbers.
package struct Matrix3: Equatable, Sendable {
  package var rows: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

  package init(_ row0: SIMD3<Double>, _ row1: SIMD3<Double>, _ row2: SIMD3<Double>) {
    rows = (row0, row1, row2)
  }

  package init(rowMajor values: [Double]) {
    precondition(values.count == 9, "a 3x3 matrix has nine values")
    self.init(
      SIMD3(values[0], values[1], values[2]), SIMD3(values[3], values[4], values[5]),
      SIMD3(values[6], values[7], values[8]))
  }

  package static let identity = Matrix3(SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1))

  /// [v]x: [v]x w is the cross product of v and w.
  package static func cross(_ v: SIMD3<Double>) -> Matrix3 {
    Matrix3(SIMD3(0, -v.z, v.y), SIMD3(v.z, 0, -v.x), SIMD3(-v.y, v.x, 0))
  }

  package static func == (left: Matrix3, right: Matrix3) -> Bool {
    left.rows.0 == right.rows.0 && left.rows.1 == right.rows.1 && left.rows.2 == right.rows.2
  }

  package subscript(row: Int, column: Int) -> Double {
    switch row {
    case 0: rows.0[column]
    case 1: rows.1[column]
    default: rows.2[column]
    }
  }

  package var rowMajor: [Double] {
    [rows.0, rows.1, rows.2].flatMap { [$0.x, $0.y, $0.z] }
  }

  package var transpose: Matrix3 {
    Matrix3(
      SIMD3(rows.0.x, rows.1.x, rows.2.x), SIMD3(rows.0.y, rows.1.y, rows.2.y),
      SIMD3(rows.0.z, rows.1.z, rows.2.z))
  }

  package var determinant: Double { dot(rows.0, crossProduct(rows.1, rows.2)) }

  package var frobeniusNorm: Double {
    (dot(rows.0, rows.0) + dot(rows.1, rows.1) + dot(rows.2, rows.2)).squareRoot()
  }

  package var isFinite: Bool { rowMajor.allSatisfy(\.isFinite) }

  /// Nil if the determinant is 0 or not finite.
  package var inverse: Matrix3? {
    let determinant = determinant
    guard determinant.isFinite && determinant != 0 else { return nil }
    let columns = Matrix3(
      crossProduct(rows.1, rows.2), crossProduct(rows.2, rows.0), crossProduct(rows.0, rows.1))
    let inverse = (1 / determinant) * columns.transpose
    return inverse.isFinite ? inverse : nil
  }

  package static func * (left: Matrix3, right: Matrix3) -> Matrix3 {
    let columns = right.transpose
    func row(_ row: SIMD3<Double>) -> SIMD3<Double> {
      SIMD3(dot(row, columns.rows.0), dot(row, columns.rows.1), dot(row, columns.rows.2))
    }
    return Matrix3(row(left.rows.0), row(left.rows.1), row(left.rows.2))
  }

  package static func * (matrix: Matrix3, vector: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(dot(matrix.rows.0, vector), dot(matrix.rows.1, vector), dot(matrix.rows.2, vector))
  }

  package static func * (factor: Double, matrix: Matrix3) -> Matrix3 {
    Matrix3(factor * matrix.rows.0, factor * matrix.rows.1, factor * matrix.rows.2)
  }

  /// Frobenius norm 1, and the sign that makes the largest element (by magnitude; the first on a tie) positive: F and E
  /// are only defined up to both.
  var normalizedUpToScale: Matrix3 {
    let norm = frobeniusNorm
    guard norm > 0 && norm.isFinite else { return self }
    var largest = 0.0
    for value in rowMajor where abs(value) > abs(largest) * (1 + 1e-9) { largest = value }
    return (largest < 0 ? -1 / norm : 1 / norm) * self
  }
}

extension Matrix3: Codable {
  package init(from decoder: any Decoder) throws {
    let decoded = try [[Double]](from: decoder)
    guard decoded.count == 3 && decoded.allSatisfy({ $0.count == 3 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a 3x3 matrix is three rows of three numbers")
      )
    }
    self.init(rowMajor: decoded.flatMap { $0 })
  }

  package func encode(to encoder: any Encoder) throws {
    try [rows.0, rows.1, rows.2].map { [$0.x, $0.y, $0.z] }.encode(to: encoder)
  }
}

func dot(_ left: SIMD3<Double>, _ right: SIMD3<Double>) -> Double { (left * right).sum() }

func crossProduct(_ left: SIMD3<Double>, _ right: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(
    left.y * right.z - left.z * right.y, left.z * right.x - left.x * right.z,
    left.x * right.y - left.y * right.x)
}

extension SIMD2<Double> {
  var homogeneous: SIMD3<Double> { SIMD3(x, y, 1) }
}
