import Diagnostics

/// Reads and writes NumPy's `.npy` files: one dense array, little-endian, C order.
package enum NumpyFile {
  /// The array of a file in format 1.0, 2.0 or 3.0. Large files are mapped, so opening one costs no time.
  /// - Throws: an error at `path`: no such file, not this format, an element type that is not read, Fortran order,
  ///   big-endian, a shape beyond reason, data cut off, bytes after the data.
  package static func read(_ path: String) throws(DiagnosticError) -> NumpyArray { try read(FileBytes(path)) }

  /// As `read(_:)` with bytes that are already there.
  package static func read(_ file: FileBytes) throws(DiagnosticError) -> NumpyArray {
    let header = try file.withBytes { bytes throws(DiagnosticError) in
      try NumpyHeader(parsing: bytes, file: file.path)
    }
    let needed = header.shape.count * header.element.byteCount
    let present = file.count - header.dataOffset
    guard needed == present else {
      let what =
        "shape \(header.shape) of \(header.element.name) needs \(needed) bytes of data, the file has \(present)"
      throw DiagnosticError(
        needed > present ? "the data are cut off: \(what)" : "there are bytes after the data: \(what)",
        at: SourceLocation(file: file.path))
    }
    return NumpyArray(shape: header.shape, element: header.element, file: file, offset: header.dataOffset)
  }

  /// The array of a file as a float32 tensor.
  package static func readTensor(_ path: String) throws(DiagnosticError) -> Tensor { try read(path).floatTensor() }

  /// Writes float32, whole or not at all, with the header NumPy 2 writes.
  /// - Throws: what the system says, with the path.
  package static func write(_ tensor: Tensor, to path: String) throws(DiagnosticError) {
    let view = tensor.view
    try write(UnsafeRawBufferPointer(view.buffer), .float32, tensor.shape, to: path)
    withExtendedLifetime(tensor) {}
  }

  /// Writes `values` in C order under `shape`, whole or not at all.
  /// - Precondition: `values.count == shape.count`.
  /// - Throws: what the system says, with the path.
  package static func write<T: NumpyScalar>(_ values: [T], shape: Shape, to path: String) throws(DiagnosticError) {
    precondition(values.count == shape.count, "\(values.count) values for an array of shape \(shape)")
    var result: Result<Void, DiagnosticError> = .success(())
    values.withUnsafeBytes { raw in
      do throws(DiagnosticError) {
        try write(raw, T.numpyElement, shape, to: path)
      } catch {
        result = .failure(error)
      }
    }
    try result.get()
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, _ element: NumpyElement, _ shape: Shape, to path: String
  ) throws(DiagnosticError) {
    try AtomicFile.write(path: path) { (file: inout FileWriter) throws(DiagnosticError) in
      try file.write(NumpyHeader.encode(element, shape))
      try file.write(bytes)
    }
  }
}
