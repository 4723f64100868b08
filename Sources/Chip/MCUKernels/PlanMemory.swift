/// The two memories that an operator works on: the arena, and the image with its constants.
///
/// The only place where a record's offsets become pointers; the plan has checked them all.
struct PlanMemory {
  let arena: UnsafeMutableRawPointer
  let image: UnsafeRawPointer

  func input(_ record: OperatorRecord) -> UnsafeRawPointer {
    let base = record.has(PlanFormat.flagInputInImage) ? image : UnsafeRawPointer(arena)
    return base + record.int(.inputOffset)
  }

  func second(_ record: OperatorRecord) -> UnsafeRawPointer {
    let base = record.has(PlanFormat.flagSecondInImage) ? image : UnsafeRawPointer(arena)
    return base + record.int(.secondOffset)
  }

  func output(_ record: OperatorRecord) -> UnsafeMutableRawPointer {
    arena + record.int(.outputOffset)
  }

  /// A convolution's columns, in the arena.
  func scratch(_ record: OperatorRecord) -> UnsafeMutableRawPointer {
    arena + record.int(.secondOffset)
  }

  func constants(_ record: OperatorRecord) -> UnsafeRawPointer {
    image + record.int(.constantsOffset)
  }

  func rows(_ record: OperatorRecord) -> UnsafeRawPointer {
    image + record.int(.rowsOffset)
  }
}

extension UnsafeRawPointer {
  var int8: UnsafePointer<Int8> { assumingMemoryBound(to: Int8.self) }

  /// The 32-bit word `index` words from here, which is at a multiple of 4.
  func word(_ index: Int) -> Int32 {
    Int32(littleEndian: load(fromByteOffset: 4 * index, as: Int32.self))
  }
}

extension UnsafeMutableRawPointer {
  var int8: UnsafeMutablePointer<Int8> { assumingMemoryBound(to: Int8.self) }
}
