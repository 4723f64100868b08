extension TFLiteParser {
  mutating func operators(
    of subgraph: FlatBufferTable, codes: [OperatorCode], tensorCount: Int
  ) throws(TFLiteError) -> [TFLiteOperator] {
    var operators: [TFLiteOperator] = []
    for (index, position) in try file.tablePositions(3, of: subgraph).enumerated() {
      var table = try file.table(at: position, place: .operation(index, name: ""))
      let codeIndex = Int(try file.scalar(0, of: table, default: UInt32(0)))
      guard codeIndex < codes.count else {
        throw .malformed(
          place: table.place, reason: "it refers to operator code \(codeIndex) of \(codes.count)")
      }
      let code = codes[codeIndex]
      table.place = .operation(index, name: code.name)
      operators.append(
        TFLiteOperator(
          index: index, code: code.code, name: code.name, version: code.version,
          inputs: try indices(1, of: table, below: tensorCount, absentAllowed: true),
          outputs: try indices(2, of: table, below: tensorCount, absentAllowed: false),
          options: try options(of: table, code: code.code)))
    }
    return operators
  }
}
