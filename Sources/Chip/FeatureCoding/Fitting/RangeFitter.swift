#if !hasFeature(Embedded)
  /// Makes the range coder's tables from the symbols of training images.
  ///
  /// The images are gone through four times, in the same order or another, one at a time; memory
  /// does not grow with their number, and the same images give the same bytes on every machine.
  ///
  ///     var fitter = RangeFitter(shape: shape, alphabetSize: 8)
  ///     for _ in 0..<RangeFitter.passes {
  ///       for symbols in images { fitter.add(symbols) }
  ///       fitter.endPass()
  ///     }
  ///     let blob = fitter.tables()
  ///
  /// The first pass finds, for each channel, the earlier channels that say most about it; the second
  /// the places in them; the third how much each neighbour's symbol counts; the fourth counts what
  /// follows, and brings the neighbourhoods that are followed by the same into one context.
  /// `docs/coding.md` has the reasons.
  public struct RangeFitter {
    public static let passes = 4
    /// Half of the references that a channel could have save less.
    public static let usualSaving = 0.01

    let shape: SymbolShape
    let alphabetSize: Int
    private let contexts: Int
    private let references: Int
    private let leastSaving: Double
    private var stage: Stage

    private enum Stage {
      case channels(ReferenceChoice)
      case references(ReferenceChoice)
      case weights(WeightChoice)
      case counts(ContextCounts)
      case done([UInt8])
    }

    /// Earlier channels that are candidates at the symbol's own place, and of them those that are at
    /// the places around it.
    private static let channelsTried = 12
    private static let channelsMoved = 5

    /// - Parameters:
    ///   - alphabetSize: 1...256.
    ///   - contexts: distributions that the channels share, 1...256; each takes
    ///     2 · (alphabetSize + 1) bytes.
    ///   - references: symbols of earlier channels that a context may depend on, 0...4.
    ///   - leastSaving: bits of a symbol that each of them must save, because each costs the device
    ///     time.
    public init(
      shape: SymbolShape, alphabetSize: Int, contexts: Int = 128, references: Int = 4,
      leastSaving: Double = RangeFitter.usualSaving
    ) {
      precondition(LZW.alphabetSizes.contains(alphabetSize) && shape.channels <= 256)
      precondition(1...RangeTables.maximumContexts ~= contexts)
      precondition(0...RangeTables.maximumReferences ~= references)
      self.shape = shape
      self.alphabetSize = alphabetSize
      self.contexts = contexts
      self.references = references
      self.leastSaving = leastSaving
      stage = .channels(
        ReferenceChoice(
          NeighbourWalk(shape: shape, alphabetSize: alphabetSize),
          candidates: (0..<shape.channels).map { channel in
            (0..<channel).map { RangeReference(channel: $0, down: 0, right: 0) }
          }))
    }

    /// Takes one image's symbols, [channels,height,width].
    ///
    /// - Throws: ``CodingError/lengthMismatch(expected:found:)``,
    ///   ``CodingError/symbolOutOfRange(symbol:alphabetSize:)``.
    public mutating func add(_ symbols: [UInt8]) throws(CodingError) {
      guard symbols.count == shape.count else {
        throw .lengthMismatch(expected: shape.count, found: symbols.count)
      }
      for symbol in symbols where Int(symbol) >= alphabetSize {
        throw .symbolOutOfRange(symbol: symbol, alphabetSize: alphabetSize)
      }
      // Taken out while it changes, so that it is not copied.
      let current = stage
      stage = .done([])
      switch current {
      case .channels(var choice):
        choice.add(symbols)
        stage = .channels(choice)
      case .references(var choice):
        choice.add(symbols)
        stage = .references(choice)
      case .weights(var choice):
        choice.add(symbols)
        stage = .weights(choice)
      case .counts(var counts):
        counts.add(symbols)
        stage = .counts(counts)
      case .done:
        preconditionFailure("all passes are over")
      }
    }

    public mutating func endPass() {
      switch stage {
      case .channels(let choice):
        let candidates = (0..<shape.channels).map { channel in
          let best = choice.chosen(ofChannel: channel, count: Self.channelsTried)
          return best
            + best.prefix(Self.channelsMoved).flatMap { reference in
              (0..<RangeReference.places)
                .map { RangeReference(channel: reference.channel, place: $0) }
                .filter { $0 != reference }
            }
        }
        stage = .references(ReferenceChoice(choice.walk, candidates: candidates))
      case .references(let choice):
        stage = .weights(
          WeightChoice(
            choice.walk, histogram: choice.histogram,
            references: (0..<shape.channels).map {
              choice.chosen(ofChannel: $0, count: references, saving: leastSaving)
            }))
      case .weights(let choice):
        stage = .counts(ContextCounts(choice.walk, choice.neighbourhoods()))
      case .counts(let counts):
        stage = .done(counts.blob(contexts: contexts, saving: 2 * leastSaving))
      case .done:
        preconditionFailure("all passes are over")
      }
    }

    /// The blob that ``RangeTables`` reads, after the last pass.
    public func tables() -> [UInt8] {
      guard case .done(let blob) = stage else {
        preconditionFailure("all passes are over")
      }
      return blob
    }

    /// The tables of images that lie in memory.
    public static func fit(
      _ images: some Sequence<[UInt8]>, shape: SymbolShape, alphabetSize: Int, contexts: Int = 128,
      references: Int = 4
    ) throws(CodingError) -> [UInt8] {
      var fitter = RangeFitter(
        shape: shape, alphabetSize: alphabetSize, contexts: contexts,
        references: references)
      for _ in 0..<passes {
        for symbols in images { try fitter.add(symbols) }
        fitter.endPass()
      }
      return fitter.tables()
    }
  }
#endif
