#if !hasFeature(Embedded)
  /// Makes the range coder's tables from the symbols of training images.
  ///
  /// The images are gone through three times, in the same order or another, one at a time; memory
  /// does not grow with their number, and the same images give the same bytes on every machine.
  ///
  ///     var fitter = RangeFitter(shape: shape, alphabetSize: 8)
  ///     for _ in 0..<RangeFitter.passes {
  ///       for symbols in images { fitter.add(symbols) }
  ///       fitter.endPass()
  ///     }
  ///     let blob = fitter.tables()
  ///
  /// The first pass chooses, for each channel, the earlier channels that say most about it; the
  /// second how much each neighbour's symbol counts; the third counts what follows, and brings the
  /// neighbourhoods that are followed by the same into one context. `docs/coding.md` has the reasons.
  public struct RangeFitter {
    public static let passes = 3

    let shape: SymbolShape
    let alphabetSize: Int
    private let contexts: Int
    private var stage: Stage

    private enum Stage {
      case references(ReferenceChoice)
      case weights(WeightChoice)
      case counts(ContextCounts)
      case done([UInt8])
    }

    /// - Parameters:
    ///   - alphabetSize: 1...256.
    ///   - contexts: distributions that the channels share, 1...256; each takes
    ///     2 · (alphabetSize + 1) bytes.
    public init(shape: SymbolShape, alphabetSize: Int, contexts: Int = 256) {
      precondition(LZW.alphabetSizes.contains(alphabetSize) && shape.channels <= 256)
      precondition(1...RangeTables.maximumContexts ~= contexts)
      self.shape = shape
      self.alphabetSize = alphabetSize
      self.contexts = contexts
      stage = .references(ReferenceChoice(shape: shape, alphabetSize: alphabetSize))
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
        preconditionFailure("there are three passes")
      }
    }

    public mutating func endPass() {
      switch stage {
      case .references(let choice):
        stage = .weights(WeightChoice(choice))
      case .weights(let choice):
        stage = .counts(ContextCounts(choice.neighbourhoods(), shape: shape, alphabetSize: alphabetSize))
      case .counts(let counts):
        stage = .done(counts.blob(contexts: contexts))
      case .done:
        preconditionFailure("there are three passes")
      }
    }

    /// The blob that ``RangeTables`` reads, after the last pass.
    public func tables() -> [UInt8] {
      guard case .done(let blob) = stage else {
        preconditionFailure("there are three passes")
      }
      return blob
    }

    /// The tables of images that lie in memory.
    public static func fit(
      _ images: some Sequence<[UInt8]>, shape: SymbolShape, alphabetSize: Int, contexts: Int = 256
    ) throws(CodingError) -> [UInt8] {
      var fitter = RangeFitter(shape: shape, alphabetSize: alphabetSize, contexts: contexts)
      for _ in 0..<passes {
        for symbols in images { try fitter.add(symbols) }
        fitter.endPass()
      }
      return fitter.tables()
    }
  }
#endif
