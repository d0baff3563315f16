import Foundation
import Testing

@testable import QuantEngine

/// Runs of one project after another on the sample net, in a folder of their own.
@Suite("Reuse between runs") final class ReuseTests {
  private let folder = NSTemporaryDirectory() + "cortado-reuse-" + UUID().uuidString
  private static let samples =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/Samples/shapes"

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func run(
    _ config: String? = nil, images: String? = nil, work: String? = nil, cache: Int = SampleCache.defaultLimit,
    resume: Bool = false
  ) throws -> [JobEvent] {
    var data = DataOptions()
    data.images = images ?? Self.samples + "/calibration"
    data.preprocessing = try .init(file: Self.samples + "/preprocess.json")
    data.batchSize = 8
    var job = QuantizeJob(
      files: ModelFiles(prototxt: Self.samples + "/shapes.prototxt", weights: Self.samples + "/shapes.caffemodel"),
      data: data, threads: 1)
    job.config = config
    job.work = work
    job.resume = resume
    job.project = folder + "/project"
    job.stopAfter = .calibration
    job.sampleCache = cache
    job.sampleFolder = folder + "/cache"
    var events: [JobEvent] = []
    _ = try job.run { events.append($0) }
    return events
  }

  private var project: ProjectFolder { ProjectFolder(path: folder + "/project") }

  private func record(_ number: Int) throws -> String {
    try String(contentsOfFile: project.run(number).record, encoding: .utf8)
  }

  /// Run 1's config with one text replaced, as a file.
  private func config(_ layer: String, _ old: String, _ new: String) throws -> String {
    let text = try String(contentsOfFile: project.run(1).config, encoding: .utf8)
    let start = try #require(text.range(of: "\"\(layer)\""))
    let place = try #require(text.range(of: old, range: start.upperBound..<text.endIndex))
    let path = folder + "/config.json"
    try text.replacingCharacters(in: place, with: new).write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func layers(_ events: [JobEvent], _ kind: JobEvent.Kind) -> [String] {
    events.filter { $0.kind == kind }.map { "\($0.layer ?? "")[\($0.input ?? 0)]" }
  }

  @Test func `the same again searches nothing and finds the same`() throws {
    let first = try run()
    let second = try run()
    #expect(layers(first, .found).count == 18 && layers(first, .reused).isEmpty)
    #expect(layers(second, .found).isEmpty && layers(second, .reused).count == 18)
    #expect(second.first { $0.kind == .reused }?.text == "run 1")
    #expect(try record(1) == record(2))
  }

  @Test func `an edit of activation settings redoes that search alone, as from nothing`() throws {
    _ = try run()
    let edited = try config("conv5", "\"num_bits\":8", "\"num_bits\":12")
    let second = try run(edited)
    #expect(layers(second, .found) == ["conv5[0]"])
    // Nothing to reuse in a folder of its own, nothing kept.
    _ = try run(edited, work: folder + "/alone", cache: 0)
    #expect(try String(contentsOfFile: folder + "/alone/scale_offset_record.txt", encoding: .utf8) == record(2))
  }

  @Test func `an edit of weights redoes what lies downstream`() throws {
    _ = try run()
    // conv4_b reads its own input as before; what reads its output does not.
    let second = try run(try config("conv4_b", "\"channel_wise\":true", "\"channel_wise\":false"))
    let found = layers(second, .found)
    #expect(!found.contains("conv4_b[0]") && !found.contains("concat4[0]"), "\(found)")
    #expect(found.contains("concat4[1]") && found.contains("conv5[0]") && found.contains("prob[0]"), "\(found)")
  }

  @Test func `other images are other data`() throws {
    _ = try run()
    let list = folder + "/list.txt"
    let images = try FileManager.default.contentsOfDirectory(atPath: Self.samples + "/calibration").sorted()
    func use(_ names: some Sequence<String>) throws -> [JobEvent] {
      try names.map { Self.samples + "/calibration/" + $0 }.joined(separator: "\n")
        .write(toFile: list, atomically: true, encoding: .utf8)
      return try run(images: list)
    }
    #expect(try layers(use(images.prefix(8).reversed()), .reused).isEmpty, "another order")
    // The same bytes, named by a list instead of by their folder.
    #expect(try layers(use(images.prefix(8)), .found).count == 18)
    #expect(try layers(use(images.prefix(8)), .found).isEmpty)
  }

  @Test func `damaged activations are computed again`() throws {
    _ = try run()
    let kept = folder + "/cache"
    let names = try FileManager.default.contentsOfDirectory(atPath: kept)
    #expect(!names.isEmpty)
    for name in names { try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(kept)/\(name)")) }
    let edited = try config("conv5", "\"num_bits\":8", "\"num_bits\":12")
    #expect(layers(try run(edited), .found) == ["conv5[0]"])
    _ = try run(edited, work: folder + "/alone", cache: 0)
    #expect(try String(contentsOfFile: folder + "/alone/scale_offset_record.txt", encoding: .utf8) == record(2))
  }

  @Test func `the cache stays under its limit`() throws {
    _ = try run(cache: 200_000)
    let kept = folder + "/cache"
    let sizes = try FileManager.default.contentsOfDirectory(atPath: kept).map {
      try FileManager.default.attributesOfItem(atPath: "\(kept)/\($0)")[.size] as? Int ?? 0
    }
    #expect(sizes.reduce(0, +) <= 200_000)
    _ = try run(work: folder + "/alone", cache: 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: kept).count == sizes.count)
  }

  @Test func `an interrupted run goes on in its folder`() throws {
    let work = folder + "/work"
    _ = try run(work: work, cache: 0)
    let whole = try String(contentsOfFile: work + "/scale_offset_record.txt", encoding: .utf8)
    // As a run leaves it that was killed after ten searches, in the middle of a line.
    let lines = try String(contentsOfFile: work + "/factors.jsonl", encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 18)
    let cut = lines.prefix(10).joined(separator: "\n") + "\n" + lines[10].prefix(60)
    try cut.write(toFile: work + "/factors.jsonl", atomically: true, encoding: .utf8)
    try FileManager.default.removeItem(atPath: work + "/run.json")
    let error = #expect(throws: QuantError.self) { try run(work: work) }
    #expect(error?.diagnostics.first?.text.contains("not empty") == true)
    let events = try run(work: work, cache: 0, resume: true)
    // Searches of the same data with the same settings have one key: res2_a and res2[0] read the same blob.
    let known = Set(lines.prefix(10).map { $0.prefix(32) })
    let taken = lines.count { known.contains($0.prefix(32)) }
    #expect((10..<18).contains(taken))
    #expect(layers(events, .reused).count == taken && layers(events, .found).count == 18 - taken)
    #expect(events.first { $0.kind == .reused }?.text == "this run")
    #expect(try String(contentsOfFile: work + "/scale_offset_record.txt", encoding: .utf8) == whole)
    // events.jsonl has both tries; what it adds up to is the second.
    var tail = EventTail(path: work + "/events.jsonl")
    let progress = JobProgress(tail.read())
    #expect(progress.count(.reused) == taken && progress.count(.done) == 18 - taken)
    let done = #expect(throws: QuantError.self) { try run(work: work, resume: true) }
    #expect(done?.diagnostics.first?.text.contains("nothing to resume") == true)
    let none = #expect(throws: QuantError.self) { try run(work: folder + "/none", resume: true) }
    #expect(none?.status == .badInput)
  }
}
