/// Columns and rows of a terminal or of a part of it, in cells.
package struct Size: Hashable, Sendable {
  package var columns: Int
  package var rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }
}

/// A cell's place, counted from the upper left corner, which is (0, 0).
package struct Point: Hashable, Sendable {
  package var column: Int
  package var row: Int

  package init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A block of cells; never of negative extent.
package struct Rect: Hashable, Sendable {
  package var column: Int
  package var row: Int
  package var columns: Int
  package var rows: Int

  package init(column: Int = 0, row: Int = 0, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }

  package init(_ size: Size) { self.init(columns: size.columns, rows: size.rows) }

  package var endColumn: Int { column + columns }
  package var endRow: Int { row + rows }
  package var size: Size { Size(columns: columns, rows: rows) }

  package func contains(_ point: Point) -> Bool {
    (column..<endColumn).contains(point.column) && (row..<endRow).contains(point.row)
  }

  /// The block without so many cells at each side.
  package func inset(columns byColumns: Int = 0, rows byRows: Int = 0) -> Rect {
    Rect(
      column: column + byColumns, row: row + byRows, columns: columns - 2 * byColumns, rows: rows - 2 * byRows)
  }

  /// The upper `count` rows and what is below them.
  package func splitRows(_ count: Int) -> (top: Rect, rest: Rect) {
    let n = min(max(0, count), rows)
    return (
      Rect(column: column, row: row, columns: columns, rows: n),
      Rect(column: column, row: row + n, columns: columns, rows: rows - n)
    )
  }

  /// The left `count` columns and what is right of them.
  package func splitColumns(_ count: Int) -> (left: Rect, rest: Rect) {
    let n = min(max(0, count), columns)
    return (
      Rect(column: column, row: row, columns: n, rows: rows),
      Rect(column: column + n, row: row, columns: columns - n, rows: rows)
    )
  }

  /// One row of the block, `index` from its top; empty when there is no such row.
  package func line(_ index: Int) -> Rect {
    Rect(column: column, row: row + index, columns: columns, rows: (0..<rows).contains(index) ? 1 : 0)
  }

  /// A block of this size in the middle, cut to fit.
  package func centered(columns wanted: Int, rows wantedRows: Int) -> Rect {
    let c = min(wanted, columns)
    let r = min(wantedRows, rows)
    return Rect(column: column + (columns - c) / 2, row: row + (rows - r) / 2, columns: c, rows: r)
  }
}
