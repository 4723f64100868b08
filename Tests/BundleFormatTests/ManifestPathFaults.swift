/// What may be wrong with a path: what is done to a good manifest, and the beginning of the line that it
/// gives behind the file's name.
enum ManifestPathFaults {
  static let all: [(path: [JSON.Step], value: JSON?, line: String)] = [
    (["paths", 0, "exits"], [], "paths[0].exits: has 0 server exits; a path with a remote graph"),
    (
      ["paths", 0, "codec"], "raw", "paths[0].codec: is 'raw', but what a device graph's path sends"
    ),
    (["paths", 0, "codec"], "gif", "paths[0].codec: is 'gif', none of raw, jpeg, png, webp"),
    (
      ["paths", 0], ["remote": "remote", "codec": "jpeg"],
      "paths[0].codec.quality: is missing; 'jpeg' needs one"
    ),
    (
      ["paths", 0], ["remote": "remote", "codec": ["name": "jpeg", "quality": 101]],
      "paths[0].codec.quality: is 101, outside 1...100"
    ),
    (
      ["paths", 0], ["remote": "remote", "codec": ["name": "webp", "quality": -1]],
      "paths[0].codec.quality: is -1, outside 0...100"
    ),
    (
      ["paths", 0], ["remote": "remote", "codec": ["name": "png", "quality": 1]],
      "paths[0].codec.quality: is there, but 'png' has none"
    ),
    (
      ["paths", 0],
      ["remote": "remote", "codec": ["name": "webp", "quality": 1, "chroma": "4:2:0"]],
      "paths[0].codec.chroma: is there, but 'webp' has none"
    ),
    (
      ["paths", 0],
      ["remote": "remote", "codec": ["name": "jpeg", "quality": 1, "chroma": "4:1:1"]],
      "paths[0].codec.chroma: is '4:1:1', none of 4:4:4, 4:2:0"
    ),
    (
      ["paths", 0], ["remote": "remote", "codec": ["quality": 1]], "paths[0].codec.name: is missing"
    ),
    (
      ["paths", 0], ["remote": "remote", "codec": ["name": "png", "level": 9]],
      "paths[0].codec.level: is not a key here; there are name, quality, chroma"
    ),
    (
      ["paths", 0],
      [
        "remote": "remote", "codec": "png",
        "sends": [["tensor": "image", "missing": [0.5]]],
      ],
      "paths[0].sends[0]: codes values, but the codec 'png' makes a picture's bytes"
    ),
    (["paths", 0, "sends"], [], "paths[0].sends: has 0 entries; one tensor is sent"),
    (
      ["paths", 0, "sends", 1], ["tensor": "y"], "paths[0].sends: has 2 entries; one tensor is sent"
    ),
    (["paths", 0, "sends", 0, "tensor"], nil, "paths[0].sends[0].tensor: is missing"),
    (["paths", 0, "sends", 0, "tensor"], "", "paths[0].sends[0].tensor: is empty"),
    (
      ["paths", 0, "sends", 0, "tensor"], "\t",
      "paths[0].sends[0].tensor: has a name with a control"
    ),
    (["paths", 0, "sends", 0, "to"], 1, "paths[0].sends[0].to: is not a string"),
    (["paths", 0, "sends", 0, "to"], "", "paths[0].sends[0].to: is empty"),
    (
      ["paths", 0, "sends", 0, "from"], 1,
      "paths[0].sends[0].from: is not a key here; there are tensor,"
    ),
    (
      ["paths", 0, "device"], nil,
      "paths[0].sends[0].tensor: is 'features'; without a device graph it is"
    ),
    (["paths", 0, "remote"], nil, "paths[0].sends: has no remote graph to go to"),
    (["paths", 0, "sends", 0, "missing"], [], "paths[0].sends[0].missing: is empty"),
    (["paths", 0, "sends", 0, "missing"], 0, "paths[0].sends[0].missing: is not a list"),
    (
      ["paths", 0, "sends", 0, "missing", 0], 1e39,
      "paths[0].sends[0].missing: has a number that does not"
    ),
    (
      ["paths", 0],
      ["remote": "remote", "sends": [["tensor": "image", "missing": [1, 2]]]],
      "paths[0].sends[0].missing: has 2 entries for 3 channels"
    ),
    (
      ["paths", 0, "sends", 0, "coder", "name"], "zip",
      "paths[0].sends[0].coder.name: is 'zip', none of raw"
    ),
    (
      ["paths", 0, "sends", 0, "coder", "level"], 9,
      "paths[0].sends[0].coder.level: is not a key here; there"
    ),
    (
      ["paths", 0, "sends", 0, "coder", "tables"], nil,
      "paths[0].sends[0].coder.tables: is missing; the coder 'range' needs them"
    ),
    (
      ["paths", 0, "sends", 0, "coder", "name"], "lzw",
      "paths[0].sends[0].coder.tables: is there, but the coder 'lzw' has none"
    ),
    (
      ["paths", 0, "sends", 0, "symbols"], [],
      "paths[0].sends[0].coder.name: is 'range', but without symbols the int8 values are sent raw"
    ),
    (
      ["paths", 0, "sends", 0, "coder", "tables", "file"], "../coder.bin",
      "paths[0].sends[0].coder.tables.file: '../coder.bin' leaves the bundle's folder"
    ),
    (
      ["paths", 0, "sends", 0, "coder", "tables", "sha256"], "12",
      "paths[0].sends[0].coder.tables.sha256: is not 64 hex digits"
    ),
    (["paths", 0, "exits"], ["local": "x"], "paths[0].exits: is not a list"),
    (["paths", 0, "exits", 0, "name"], "", "paths[0].exits[0].name: is empty"),
    (["paths", 0, "exits", 0, "tensor"], "", "paths[0].exits[0].tensor: is empty"),
    (
      ["paths", 0, "exits", 0, "name"], "late",
      "paths[0].exits[1].name: 'late' is an earlier exit's"
    ),
    (["paths", 0, "exits", 0, "where"], nil, "paths[0].exits[0].where: is missing"),
    (
      ["paths", 0, "exits", 0, "where"], "home",
      "paths[0].exits[0].where: is 'home', none of device, server"
    ),
    (
      ["paths", 0, "exits", 0, "late"], 1,
      "paths[0].exits[0].late: is not a key here; there are name,"
    ),
    (
      ["paths", 0, "exits", 1], nil,
      "paths[0].exits: has 0 server exits; a path with a remote graph has one"
    ),
    (
      ["paths", 0, "exits", 2], ["name": "x", "where": "server"],
      "paths[0].exits: has 2 server exits; a path"
    ),
    (
      ["paths", 0, "exits"], .list((0..<17).map { ["name": .string("\($0)"), "where": "device"] }),
      "paths[0].exits: has 17 entries, more than 16"
    ),
    (
      ["paths", 0], ["device": "device", "exits": [["where": "server"]]],
      "paths[0].exits[0].where: is 'server', but the path has no remote graph"
    ),
    (
      ["paths", 0], ["remote": "remote", "exits": [["where": "server"], ["where": "device"]]],
      "paths[0].exits[1].where: is 'device', but the path has no device graph"
    ),
    (
      ["paths", 0], ["device": "device", "exits": []],
      "paths[0].exits: is empty, so that the path has no answer"
    ),
    (
      ["paths", 0, "exits", 0, "threshold"], 1.01,
      "paths[0].exits[0].threshold: is 1.01, outside 0...1"
    ),
    (
      ["paths", 0, "exits", 0, "threshold"], -0.01,
      "paths[0].exits[0].threshold: is -0.01, outside 0...1"
    ),
    (
      ["paths", 0, "exits", 0, "threshold"], "high", "paths[0].exits[0].threshold: is not a number"
    ),
    (
      ["paths", 0, "exits", 1, "threshold"], 0.5,
      "paths[0].exits[1].threshold: is there, but only a device"
    ),
    (
      ["paths", 0, "exits", 0, "temperature"], 0,
      "paths[0].exits[0].temperature: is 0.0, not above 0"
    ),
    (
      ["paths", 0, "exits", 0, "temperature"], 1e39,
      "paths[0].exits[0].temperature: has a number that does"
    ),
    (
      ["paths", 0, "exits", 1, "temperature"], 2,
      "paths[0].exits[1].temperature: is there, but only a device"
    ),
    (["paths", 0, "exits", 0, "alpha"], [], "paths[0].exits[0].alpha: is empty"),
    (["paths", 0, "exits", 0, "alpha"], 0.3, "paths[0].exits[0].alpha: is not a list"),
    (
      ["paths", 0, "exits", 0, "alpha"], [0.5, 1.01],
      "paths[0].exits[0].alpha[1]: is 1.01, outside 0...1"
    ),
    (
      ["paths", 0, "exits", 0, "alpha"], [-0.01],
      "paths[0].exits[0].alpha[0]: is -0.01, outside 0...1"
    ),
    (["paths", 0, "exits", 0, "alpha"], ["half"], "paths[0].exits[0].alpha[0]: is not a number"),
    (
      ["paths", 0, "exits", 1, "alpha"], [0.5],
      "paths[0].exits[1].alpha: is there, but only the last device"
    ),
    (
      ["paths", 0, "exits", 2], ["name": "x", "where": "device"],
      "paths[0].exits[0].alpha: is there, but only the last device exit"
    ),
    (
      ["paths", 0], ["device": "device", "exits": [["where": "device", "alpha": [0.5]]]],
      "paths[0].exits[0].alpha: is there, but only the last device exit of a path with a server exit"
    ),
    (
      ["paths", 0, "sends", 0, "missing"], [0, 0, 0],
      "paths[0].exits[0].alpha: has 2 numbers; 3 channels have 1 or 4"
    ),
    (
      ["paths", 0, "sends", 0, "channels"], [],
      "paths[0].sends[0].channels: has 0 entries, outside 1...256"
    ),
    (
      ["paths", 0, "sends", 0, "channels"], .list(Array(repeating: 0, count: 257)),
      "paths[0].sends[0].channels: has 257 entries, outside 1...256"
    ),
    (
      ["paths", 0, "sends", 0, "channels"], [-1],
      "paths[0].sends[0].channels[0]: is -1, outside 0..<65535"
    ),
    (
      ["paths", 0, "sends", 0, "channels"], [0, 65535],
      "paths[0].sends[0].channels[1]: is 65535, outside 0..<65535"
    ),
    (
      ["paths", 0, "sends", 0, "channels"], [2, 1, 0],
      "paths[0].exits[0].alpha: has 2 numbers; 3 channels have 1 or 4"
    ),
    (["paths", 0, "sends", 0, "symbols"], 5, "paths[0].sends[0].symbols: is not a list"),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "valueOf"], [],
      "paths[0].sends[0].symbols[0].valueOf: has 0 entries, outside 1...256"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "valueOf"], .list(Array(repeating: 1, count: 257)),
      "paths[0].sends[0].symbols[0].valueOf: has 257 entries, outside 1...256"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "valueOf", 1], "x",
      "paths[0].sends[0].symbols[0].valueOf[1]: is not a number"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "valueOf", 1], 1e39,
      "paths[0].sends[0].symbols[0].valueOf: has a number that does not fit"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "symbolOf", 255], nil,
      "paths[0].sends[0].symbols[0].symbolOf: has 255 entries, not 256"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "symbolOf", 256], 0,
      "paths[0].sends[0].symbols[0].symbolOf: has 257 entries, not 256"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "symbolOf", 9], 2,
      "paths[0].sends[0].symbols[0].symbolOf[9]: is 2, but valueOf has 2 entries"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "symbolOf", 9], 256,
      "paths[0].sends[0].symbols[0].symbolOf: has a number that does not fit"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 0, "symbolOf", 9], -1,
      "paths[0].sends[0].symbols[0].symbolOf: has a number that does not fit"
    ),
    (
      ["paths", 0, "sends", 0, "symbols", 1], ["symbolOf": [0], "valueOf": [0]],
      "paths[0].sends[0].symbols[1].symbolOf: has 1"
    ),
  ]
}
