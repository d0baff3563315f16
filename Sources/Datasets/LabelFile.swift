import Diagnostics
import Tensors

/// Labels beside the images: a `.npy` of integers (`[N]`, or any shape with N elements), or text, one integer a line.
package enum LabelFile {
  /// - Throws: errors at the file, with the line in text.
  package static func read(_ path: String) throws(DiagnosticError) -> [Int] {
    let bytes = try FileBytes(path)
    if bytes.starts(with: [0x93, 0x4e, 0x55, 0x4d]) { return try NumpyFile.read(bytes).integers() }
    var labels: [Int] = []
    var log = DiagnosticLog()
    for (index, line) in bytes.lines().enumerated() {
      let words = line.split { $0.isWhitespace }
      if words.isEmpty { continue }
      if words.count == 1, let label = Int(words[0]) {
        labels.append(label)
        continue
      }
      let isList = words.count > 1 && words.last.flatMap { Int($0) } != nil
      log.add(
        .error(
          "a label is one whole number a line, not '\(words.joined(separator: " ").prefix(40))'",
          at: SourceLocation(file: path, line: index + 1),
          help: isList ? ["a list of files with their labels is given as the images themselves"] : []))
      if log.isFull { break }
    }
    try log.throwIfErrors()
    return labels
  }
}
