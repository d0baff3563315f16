/// Columns of a list: one of them takes the room that the others leave.
package struct Table: Sendable {
  package struct Column: Sendable {
    package var title: String
    /// `nil`: the rest of the line.
    package var width: Int?
    package var alignment: TextClip.Alignment
    package var keep: TextClip.Keep

    package init(
      _ title: String, _ width: Int?, _ alignment: TextClip.Alignment = .leading, keep: TextClip.Keep = .head
    ) {
      self.title = title
      self.width = width
      self.alignment = alignment
      self.keep = keep
    }
  }

  package let columns: [Column]
  package let widths: [Int]

  /// Lays columns out in a width, one space between neighbours.
  package init(_ columns: [Column], width: Int) {
    self.columns = columns
    let fixed = columns.compactMap(\.width).reduce(0, +) + columns.count - 1
    widths = columns.map { $0.width ?? max(0, width - fixed) }
  }

  /// The place of a column in a line.
  package func cell(_ index: Int, in line: Rect) -> Rect {
    let start = widths[..<index].reduce(0) { $0 + $1 + 1 }
    let room = max(0, min(widths[index], line.columns - start))
    return Rect(column: line.column + start, row: line.row, columns: room, rows: 1)
  }
}

extension Canvas {
  package mutating func put(_ words: Words, _ column: Int, of table: Table, in line: Rect, role: Role = .text) {
    let text = sentences[words]
    put(text, column, of: table, in: line, role: role)
  }

  @_disfavoredOverload
  package mutating func put(_ text: any Verbatim, _ column: Int, of table: Table, in line: Rect, role: Role = .text) {
    let spec = table.columns[column]
    put(text, in: table.cell(column, in: line), role: role, keep: spec.keep, alignment: spec.alignment)
  }

  /// The titles of a table.
  package mutating func drawHead(_ table: Table, in line: Rect) {
    for (index, column) in table.columns.enumerated() {
      put(Words(column.title), index, of: table, in: line, role: .textDim)
    }
  }
}
