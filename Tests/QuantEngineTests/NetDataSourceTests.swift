import CaffeFormat
import Foundation
import Tensors
import Testing

@testable import Datasets
@testable import QuantEngine

/// Nets that name their own data. Images are 2 x 3 samples 10 i + 0 .. 5 in one or three channels.
@Suite("A net's own data") struct NetDataSourceTests {
  private let folder = NSTemporaryDirectory() + "cortado-own-" + UUID().uuidString

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func datum(_ i: Int, channels: Int = 1) -> Datum {
    var datum = Datum()
    (datum.channels, datum.height, datum.width, datum.label) = (channels, 2, 3, i + 1)
    datum.data = (0..<channels * 6).map { UInt8(10 * i + $0) }
    return datum
  }

  private func database(_ data: [Datum], _ name: String = "db") throws -> String {
    let writer = try LMDBWriter(folder + "/" + name)
    for (i, datum) in data.enumerated() { try writer.put(Array("0000000\(i)".utf8), datum.encoded) }
    try writer.finish()
    return folder + "/" + name
  }

  /// A net that scales its data by 1 and has a label.
  private func model(_ layer: String, shapes: [String: Shape] = [:]) throws -> LoadedModel {
    let text =
      "name: \"n\"\nlayer { name: \"in\" \(layer) }\nlayer { name: \"p\" type: \"Power\" bottom: \"data\" top: \"p\" }\n"
    let path = folder + "/net\(Int.random(in: 0..<1 << 40)).prototxt"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try LoadedModel(ModelFiles(prototxt: path, inputShapes: shapes))
  }

  private func lmdb(_ source: String, _ transform: String = "", batch: String = "batch_size: 2") -> String {
    "type: \"Data\" top: \"data\" top: \"label\" transform_param { \(transform) } "
      + "data_param { source: \"\(source)\" backend: LMDB \(batch) }"
  }

  private func first(_ model: LoadedModel, _ options: DataOptions = DataOptions()) throws -> [String: [Float]] {
    Dictionary(uniqueKeysWithValues: try DataFeed(options, for: model).batch(0).map { ($0.name, $0.tensor.array) })
  }

  @Test func `a data base at hand gives shapes, images and labels`() throws {
    let model = try model(lmdb(try database((0..<3).map { datum($0) })))
    #expect(model.graph.inputs.map { model.graph.shape($0) } == [[2, 1, 2, 3], [2]])
    let feed = try DataFeed(DataOptions(), for: model)
    #expect(feed.itemCount == 3 && feed.batchCount == 2 && feed.batchSize == 2)
    #expect(feed.warnings.map(\.text) == ["no --images given: layer 'in' of the net names the LMDB '\(folder)/db'"])
    #expect(try first(model) == ["data": [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15], "label": [1, 2]])
    #expect(try feed.batch(1).map(\.tensor.array) == [[20, 21, 22, 23, 24, 25], [3]])
  }

  @Test func `its transform_param is honoured`() throws {
    let db = try database([datum(0), datum(1)])
    // (x - 3) * 0.5 on the middle of 2 x 3: row floor(1 / 2) = 0, column floor(2 / 2) = 1.
    let cropped = try model(lmdb(db, "crop_size: 1 mean_value: 3 scale: 0.5 mirror: true"))
    #expect(cropped.graph.inputs.first.flatMap { cropped.graph.shape($0) } == [2, 1, 1, 1])
    #expect(try first(cropped)["data"] == [-1, 4])
    // One mean per channel: planes 0..5, 6..11, 12..17 less 1, 2, 3.
    let rgb = try database([datum(0, channels: 3)], "rgb")
    let each = try model(lmdb(rgb, "mean_value: 1 mean_value: 2 mean_value: 3"))
    #expect(try first(each)["data"] == [-1, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14])
    let wrong = try model(lmdb(rgb, "mean_value: 1 mean_value: 2"))
    #expect(throws: (any Error).self) { try first(wrong) }
    // force_gray and force_color are for encoded images alone.
    #expect(try first(model(lmdb(rgb, "force_gray: true")))["data"]?.count == 18)
  }

  @Test func `its mean file is taken off where the crop lies, whatever its name`() throws {
    let db = try database([datum(1)])
    // BlobProto: num 1, channels 1, height 2, width 3, data 0 .. 5 halves.
    var bytes: [UInt8] = [8, 1, 16, 1, 24, 2, 32, 3, 0x2a, 24]
    for i in 0..<6 { bytes += withUnsafeBytes(of: (Float(i) / 2).bitPattern.littleEndian) { Array($0) } }
    try Data(bytes).write(to: URL(fileURLWithPath: folder + "/mean"))
    #expect(
      try first(model(lmdb(db, "mean_file: \"\(folder)/mean\"")))["data"] == [10, 10.5, 11, 11.5, 12, 12.5])
    // Row 0, column 1 of both: (11 - 0.5) * 2.
    #expect(try first(model(lmdb(db, "mean_file: \"\(folder)/mean\" crop_size: 1 scale: 2")))["data"] == [21])
    let both = try model(lmdb(db, "mean_file: \"\(folder)/mean\" mean_value: 1"))
    let error = #expect(throws: QuantError.self) { try first(both) }
    #expect(error?.diagnostics.first?.text == "Cannot specify mean_file and mean_value at the same time")
    #expect(error?.diagnostics.first?.location?.line == 2)
  }

  @Test func `force_gray and force_color decide about the channels of encoded images`() throws {
    let fixtures =
      String(#filePath.dropLast("QuantEngineTests/NetDataSourceTests.swift".count)) + "DatasetsTests/Fixtures/"
    func encoded(_ name: String) throws -> Datum {
      var datum = Datum()
      (datum.isEncoded, datum.label) = (true, 0)
      datum.data = Array(try Data(contentsOf: URL(fileURLWithPath: fixtures + name)))
      return datum
    }
    let colour = try database([encoded("rgb8.png")], "colour")
    let grey = try database([encoded("grey8.png")], "grey")
    // Blue plane first.
    #expect(try first(model(lmdb(colour)))["data"]?.prefix(6) == [0, 0, 255, 30, 60, 90])
    let light = try #require(try first(model(lmdb(colour, "force_gray: true")))["data"])
    // 0.299 R + 0.587 G + 0.114 B
    for (value, wanted) in zip(light, [76.245, 149.685, 29.07, 18.15, 48.15, 78.15]) {
      #expect(abs(Double(value) - wanted) < 1e-3)
    }
    #expect(light.count == 6)
    #expect(try first(model(lmdb(grey)))["data"] == [0, 100, 200, 50, 150, 250])
    let wide = try #require(try first(model(lmdb(grey, "force_color: true")))["data"])
    #expect(wide == [0, 100, 200, 50, 150, 250, 0, 100, 200, 50, 150, 250, 0, 100, 200, 50, 150, 250])
    let both = try model(lmdb(colour, "force_color: true force_gray: true"))
    #expect(throws: QuantError.self) { try first(both) }
  }

  @Test func `given images and shapes win`() throws {
    let model = try model(lmdb(try database([datum(0)])))
    try NumpyFile.write([1, 2, 3, 4] as [UInt8], shape: [2, 1, 2], to: folder + "/x.npy")
    var options = DataOptions()
    options.images = folder + "/x.npy"
    #expect(try first(model, options)["data"] == [1, 2, 3, 4])
    let said = try self.model(lmdb(folder + "/db"), shapes: ["data": [5, 1, 2, 2]])
    #expect(said.graph.inputs.first.flatMap { said.graph.shape($0) } == [5, 1, 2, 2])
  }

  @Test func `without the data base the images tell the shape`() throws {
    let model = try model(lmdb("nowhere", "crop_size: 2"))
    #expect(model.graph.inputs.first.flatMap { model.graph.shape($0) } == nil)
    let error = #expect(throws: QuantError.self) { try DataFeed(DataOptions(), for: model) }
    #expect(error?.status == .usage && error?.diagnostics.first?.help.last?.contains("names 'nowhere'") == true)
    try NumpyFile.write((0..<12).map { UInt8($0) }, shape: [1, 3, 4], to: folder + "/x.npy")
    var options = DataOptions()
    options.images = folder + "/x.npy"
    // Rows floor(1 / 2) = 0 on, columns floor(2 / 2) = 1 on.
    #expect(try first(model, options)["data"] == [1, 2, 5, 6])
  }

  @Test func `HDF5Data feeds each top from the set of its name`() throws {
    let fixtures =
      String(#filePath.dropLast("QuantEngineTests/NetDataSourceTests.swift".count)) + "DatasetsTests/Fixtures/"
    try "\(fixtures)three.h5\n\(fixtures)two.h5\n".write(
      toFile: folder + "/list.txt", atomically: true, encoding: .utf8)
    let model = try model(
      "type: \"HDF5Data\" top: \"data\" top: \"box\" top: \"label\" "
        + "hdf5_data_param { source: \"\(folder)/list.txt\" batch_size: 4 }")
    #expect(model.graph.inputs.map { model.graph.shape($0) } == [[4, 1, 2, 2], [4, 2], [4]])
    let feed = try DataFeed(DataOptions(), for: model)
    #expect(feed.itemCount == 5)
    let batch = try feed.batch(0)
    #expect(batch.first { $0.name == "box" }?.tensor.array == [0, 0.5, 1, 1.5, 2, 2.5, -1, 1])
    #expect(batch.first { $0.name == "label" }?.tensor.array == [2, 0, 1, 7])
    #expect(batch[0].tensor.array == (0..<12).map(Float.init) + [100, 101, 102, 103])
    #expect(try feed.batch(1)[0].tensor.array == [104, 105, 106, 107])
    #expect(try feed.label(ofItem: 4) == 8)
    let keys = try feed.contentKeys(batches: 1)
    #expect(Set(keys.keys) == ["data", "box", "label"])
  }

  @Test func `ImageData takes its list, root folder, size and colour`() throws {
    let fixtures =
      String(#filePath.dropLast("QuantEngineTests/NetDataSourceTests.swift".count)) + "DatasetsTests/Fixtures/"
    try "grey8.png 4\nrgb8.png 5\n".write(toFile: folder + "/list.txt", atomically: true, encoding: .utf8)
    let model = try model(
      "type: \"ImageData\" top: \"data\" top: \"label\" image_data_param { source: \"\(folder)/list.txt\" "
        + "root_folder: \"\(fixtures)\" batch_size: 2 }")
    #expect(model.graph.inputs.map { model.graph.shape($0) } == [[2, 3, 2, 3], [2]])
    let batch = try first(model)
    #expect(batch["label"] == [4, 5])
    #expect(batch["data"]?.prefix(6) == [0, 100, 200, 50, 150, 250])
    #expect(batch["data"]?.dropFirst(18).prefix(6) == [0, 0, 255, 30, 60, 90])
  }
}
