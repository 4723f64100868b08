/// Columns for people: the first flush left, the others flush right.
public struct TextTable {
  private var rows: [[String]]

  public init(header: [String]) {
    rows = [header]
  }

  public mutating func add(_ row: [String]) {
    rows.append(row)
  }

  /// The rows, each ended by a line feed.
  public var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }
      return cells.joined(separator: "  ") + "\n"
    }.joined()
  }
}
