import Diagnostics
import Tensors

/// Ready tensors for a net's inputs, from `NAME=FILE.npy`, `NAME=FILE.h5` and `NAME=v1,v2,...` words.
///
/// Of an HDF5 file the set named as the input is taken, or its only one.
package struct TensorInputs: Sendable {
  private enum Content: Sendable {
    case array(NumpyArray)
    /// One value, one item's values, or a whole blob's.
    case constant([Float])
  }

  private var contents: [(name: String, content: Content)] = []

  /// Opens the files; `words` in the order of the flags.
  /// - Throws: an error for a word without `=`, a name given twice, a file that cannot be read, a constant that is no
  ///   list of numbers.
  package init(_ words: [String]) throws(DiagnosticError) {
    for word in words {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw DiagnosticError("'\(word)' is no input", help: ["write NAME=FILE.npy, NAME=FILE.h5 or NAME=v1,v2,..."])
      }
      let (name, text) = (String(word[..<equals]), String(word[word.index(after: equals)...]))
      if contents.contains(where: { $0.name == name }) { throw DiagnosticError("the input '\(name)' is given twice") }
      if let values = Self.numbers(text) {
        contents.append((name, .constant(values)))
      } else {
        contents.append((name, .array(try Self.array(text, name))))
      }
    }
  }

  package var names: [String] { contents.map(\.name) }

  /// The shape of the file given for `name`: what an input takes whose shape the net leaves open.
  package func fileShape(_ name: String) -> Shape? {
    if case .array(let array)? = contents.first(where: { $0.name == name })?.content { return array.shape }
    return nil
  }

  private static func array(_ path: String, _ name: String) throws(DiagnosticError) -> NumpyArray {
    let bytes = try FileBytes(path)
    let isHDF5 = bytes.withBytes { HDF5File.isHDF5($0) }
    let hasItsName = [".h5", ".hdf5"].contains { path.lowercased().hasSuffix($0) }
    guard isHDF5 || hasItsName else { return try NumpyFile.read(bytes) }
    let file = try HDF5File(path)
    let location = SourceLocation(file: path)
    guard let set = file.sets.first(where: { $0.name == name }) ?? (file.sets.count == 1 ? file.sets[0] : nil) else {
      let names = file.sets.map(\.name)
      throw DiagnosticError(
        "there is no data set '\(name)' in this", at: location,
        help: NearestName.help(name, among: names)
          + (names.isEmpty ? [] : ["its data sets are " + names.joined(separator: ", ")]))
    }
    guard set.shape.isLegal, set.shape.rank > 0 else {
      throw DiagnosticError(
        "data set '\(set.name)' of shape \(set.shape) is a single number, or more than a blob may have", at: location,
        help: set.shape.isLegal ? [] : ["give it as --images: that reads it image by image"])
    }
    var values = [Float](repeating: 0, count: set.shape.count)
    var failure: DiagnosticError?
    values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      do throws(DiagnosticError) {
        try file.read(set.name, 0..<set.shape[0], into: MutableFloatView(base, count: buffer.count))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return NumpyArray(shape: set.shape, values, path: path)
  }

  private static func numbers(_ text: String) -> [Float]? {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let values = words.compactMap { Float($0.trimmed) }
    return values.count == words.count ? values : nil
  }

  /// Checks the words against a net's inputs and says how they feed it.
  ///
  /// A file of a blob's rank is one batch, whatever its extents: the net is reshaped to it. One more leading axis
  /// counts batches. Constants serve every batch.
  /// - Parameter inputs: the net's input blobs with their shapes, in the net's order.
  /// - Throws: all of these at once: a name that is no input (with the nearest), an input without a word, a wrong rank,
  ///   a constant of another length, files with different numbers of batches.
  package func bound(to inputs: [(name: String, shape: Shape)]) throws(DiagnosticError) -> BoundTensorInputs {
    var log = DiagnosticLog()
    let known = inputs.map(\.name)
    for name in names where !known.contains(name) {
      let list = known.joined(separator: ", ")
      log.add(.error("the net has no input '\(name)' (it has: \(list))", help: NearestName.help(name, among: known)))
    }
    var feeds: [BoundTensorInputs.Feed] = []
    var counted: (count: Int, path: String)?
    for input in inputs {
      guard let content = contents.first(where: { $0.name == input.name })?.content else {
        log.add(.error("nothing is given for the net's input '\(input.name)' of shape \(input.shape)"))
        continue
      }
      do throws(DiagnosticError) {
        switch content {
        case .constant(let values): feeds.append(.constant(try Self.filled(values, input)))
        case .array(let array):
          let feed = try Self.feed(array, input)
          if let counted, counted.count != feed.count {
            throw DiagnosticError(
              "this holds \(feed.count) batches of '\(input.name)'", at: SourceLocation(file: array.path),
              notes: [.init("this one holds \(counted.count)", at: SourceLocation(file: counted.path))])
          }
          counted = (feed.count, array.path)
          feeds.append(.array(array, batchShape: feed.shape))
        }
      } catch {
        log.add(contentsOf: error.diagnostics)
      }
    }
    try log.throwIfErrors()
    return BoundTensorInputs(names: known, batchCount: counted?.count ?? 1, feeds: feeds)
  }

  private static func feed(
    _ array: NumpyArray, _ input: (name: String, shape: Shape)
  ) throws(DiagnosticError) -> (count: Int, shape: Shape) {
    let location = SourceLocation(file: array.path)
    let isOneBatch = array.shape.rank == input.shape.rank
    guard isOneBatch || array.shape.rank == input.shape.rank + 1 else {
      throw DiagnosticError(
        "shape \(array.shape) does not suit the net's input '\(input.name)' of shape \(input.shape)", at: location,
        help: ["one batch has as many axes as the input; one more leading axis counts batches"])
    }
    let shape = isOneBatch ? array.shape : Shape(Array(array.shape.dims.dropFirst()))
    guard array.count > 0, shape.isLegal else {
      throw DiagnosticError("a batch of shape \(shape) is empty or too large for a blob", at: location)
    }
    return (isOneBatch ? 1 : array.shape[0], shape)
  }

  private static func filled(
    _ values: [Float], _ input: (name: String, shape: Shape)
  ) throws(DiagnosticError) -> Tensor {
    let count = input.shape.count
    let perItem = input.shape.rank > 0 ? input.shape.count(from: 1) : 1
    guard values.count == count || values.count == perItem || values.count == 1 else {
      throw DiagnosticError(
        "\(values.count) values are given for the net's input '\(input.name)' of shape \(input.shape), which has "
          + "\(count)"
      )
    }
    return Tensor(shape: input.shape, (0..<count).map { values[$0 % values.count] })
  }
}

/// Tensors that fit a net's inputs, batch by batch.
package struct BoundTensorInputs: Sendable {
  enum Feed: Sendable {
    case array(NumpyArray, batchShape: Shape)
    case constant(Tensor)
  }

  /// The net's input blobs, in the net's order.
  package let names: [String]
  package let batchCount: Int
  let feeds: [Feed]

  /// The tensors of batch `k`, in the order of `names`.
  /// - Precondition: `k` is below `batchCount`.
  package func batch(_ k: Int) -> [Tensor] {
    precondition((0..<batchCount).contains(k), "batch outside the inputs")
    return feeds.map { feed in
      switch feed {
      case .constant(let tensor): return tensor
      case .array(let array, let shape):
        var out = Tensor(shape: shape)
        out.withMutable { array.copyFloats(k * shape.count..<(k + 1) * shape.count, into: $0) }
        return out
      }
    }
  }

  /// The shapes the net takes for these tensors, in the order of `names`.
  package var shapes: [Shape] {
    feeds.map {
      switch $0 {
      case .constant(let tensor): tensor.shape
      case .array(_, let shape): shape
      }
    }
  }
}
