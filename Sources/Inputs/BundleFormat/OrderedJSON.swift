/// A JSON text taken apart so that it can be written again as its author left it: objects keep the
/// order of their keys, numbers and strings their very characters.
///
/// What a string or a number may hold is not looked at; what is made of it must be decoded to know.
indirect enum OrderedJSON: Equatable {
  /// A number, `true`, `false`, `null`, or a string with its quotes.
  case plain(String)
  case list([OrderedJSON])
  case object([Member])

  struct Member: Equatable {
    let key: String
    var value: OrderedJSON
  }

  static func string(_ text: String) -> OrderedJSON { .plain("\"\(text)\"") }

  /// The value of an object's key; nil where there is none, or no object.
  subscript(key: String) -> OrderedJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// Gives a key of an object another value; one that it does not have comes last.
  mutating func set(_ key: String, to value: OrderedJSON) {
    guard case .object(var members) = self else { return }
    if let index = members.firstIndex(where: { $0.key == key }) {
      members[index].value = value
    } else {
      members.append(Member(key: key, value: value))
    }
    self = .object(members)
  }

  /// An object of those values that are there.
  static func object(_ members: KeyValuePairs<String, OrderedJSON?>) -> OrderedJSON {
    .object(members.compactMap { key, value in value.map { Member(key: key, value: $0) } })
  }
}

extension OrderedJSON {
  /// The text with two spaces a level, but a list of plain values on one line.
  var text: String {
    var output = ""
    write(to: &output, indentation: "")
    return output + "\n"
  }

  private func write(to output: inout String, indentation: String) {
    let inner = indentation + "  "
    switch self {
    case .plain(let text): output += text
    case .list(let values):
      if values.allSatisfy(\.isPlain) {
        output += "["
        for (index, value) in values.enumerated() {
          if index > 0 { output += ", " }
          value.write(to: &output, indentation: inner)
        }
        output += "]"
      } else {
        output += "[\n"
        for (index, value) in values.enumerated() {
          output += (index > 0 ? ",\n" : "") + inner
          value.write(to: &output, indentation: inner)
        }
        output += "\n\(indentation)]"
      }
    case .object(let members):
      guard !members.isEmpty else {
        output += "{}"
        return
      }
      output += "{\n"
      for (index, member) in members.enumerated() {
        output += (index > 0 ? ",\n" : "") + inner + "\"\(member.key)\": "
        member.value.write(to: &output, indentation: inner)
      }
      output += "\n\(indentation)}"
    }
  }

  private var isPlain: Bool {
    if case .plain = self { true } else { false }
  }
}
