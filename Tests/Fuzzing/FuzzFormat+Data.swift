import Datasets
import Diagnostics
import Foundation
import Glibc
import Tensors

extension Samples {
  /// A file in memory for readers that want a path.
  static func scratch(_ name: String) -> String {
    let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    return "\(folder)/cortado-fuzz-\(getpid())-\(name)"
  }

  static func write(_ bytes: [UInt8], _ path: String) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    guard descriptor >= 0, unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      fatalError("cannot write \(path)")
    }
  }

  /// The wire bytes of a net with one layer and one blob of two numbers.
  static var small: [UInt8] {
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
    let blob = field(7, field(1, [2])) + field(5, [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
    let layer = field(1, Array("conv1".utf8)) + field(7, blob)
    // 100 << 3 | 2 as a varint.
    return [0xa2, 0x06, UInt8(layer.count)] + layer
  }
}

extension FuzzFormat {
  /// Arrays, as tensors and as numbers.
  static let npy = FuzzFormat(
    name: "npy", ending: "npy",
    seeds: {
      ["<f4", "|u1", "<i8", "<f8", "<i2", "|b1", ">f4"].map { type in
        let shape = type == "|u1" ? "(2, 2, 2, 3)" : "(2, 3)"
        var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }"
        header += String(repeating: " ", count: 117 - header.utf8.count) + "\n"
        return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(header.utf8) + Array(repeating: 7, count: 48)
      }
    },
    dictionary: {
      [
        "descr", "fortran_order", "shape", "True", "False", "<f4", "<f8", "<i8", "|u1", "(", ")", "()", "(0,)", ", ",
        "L",
      ]
    },
    reader: {
      { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        let array = try NumpyFile.read(FileBytes(copying: bytes, path: "x.npy"))
        _ = try? array.integers()
        _ = try array.floatTensor()
        return true
      }
    })

  /// Lists of image files with labels.
  static let imageList = FuzzFormat(
    name: "image list", ending: "txt",
    seeds: {
      let folder = FileManager.default.currentDirectoryPath + "/Samples/shapes/calibration"
      return ["\(folder)/000.png 0\n\n\(folder)/001.png 3\n", "\(folder)/002.png", "a.jpg 0\nwith blanks/b.jpeg 1\n"]
        .map {
          Array($0.utf8)
        }
    },
    dictionary: { ["/dev/null", "/dev/null 1", "\n", " ", "\t", "..", "\r\n", "\u{feff}", "é", "../", "/"] },
    reader: {
      let path = Samples.scratch("list.txt")
      return { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        Samples.write(bytes, path)
        let source = try ImageSource(path)
        for i in 0..<min(source.count, 4) { _ = try source.label(i) }
        return true
      }
    })

  /// JPEG and PNG files.
  static let image = FuzzFormat(
    name: "image", ending: "jpg",
    seeds: {
      let folder = "Tests/DatasetsTests/Fixtures"
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      var seeds = try names.filter { ($0.hasSuffix(".jpg") || $0.hasSuffix(".png")) && $0 != "huge.png" }.map {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
      }
      // Behind the header of a format everything is possible.
      seeds.append([0xff, 0xd8, 0xff, 0xe0, 0, 16] + Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xd9])
      return seeds
    }, dictionary: { ["IHDR", "IDAT", "IEND", "PLTE", "tRNS", "JFIF", "Exif"] },
    reader: {
      { (bytes: [UInt8], _: Int) throws(DiagnosticError) -> Bool in
        _ = try ImageDecoder.decode(
          FileBytes(copying: bytes, path: "x.jpg"), at: SourceLocation(file: "x.jpg"))
        return true
      }
    })
}
