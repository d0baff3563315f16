import Foundation
import Tensors
import Testing

@testable import Datasets

/// Labelled photographs beside the package (or where CORTADO_IMAGES says), with crops that OpenCV 4 decoded.
private enum SharedImages {
  static let folder: String = {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
    let beside = ["../shared/images", "../../shared/images"].map { package.appendingPathComponent($0).path }
    let candidates = [ProcessInfo.processInfo.environment["CORTADO_IMAGES"]].compactMap { $0 } + beside
    let found = candidates.first { FileManager.default.fileExists(atPath: $0) }
    return (found ?? beside[0]) + "/calibration"
  }()
  static let crops = folder + "/crops_bgr_u8_227.npy"
  static var exist: Bool { FileManager.default.fileExists(atPath: crops) }
}

@Suite("Shared images") struct SharedImagesTests {
  @Test(.enabled(if: SharedImages.exist, "no shared images beside the package"))
  func `centre crops of photographs are those of another decoder, within a step or two`() throws {
    let preprocessing = Preprocessing(channelOrder: .bgr, crop: .init(height: 227, width: 227))
    let photographs = try ImageSource(SharedImages.folder + "/labels.txt")
    let crops = try ImageSource(SharedImages.crops, options: .init(npyOrder: .bgr))
    #expect(photographs.count == 64 && crops.count == 64)
    let indices = [0, 1, 31, 63]
    let a = try BatchReader(photographs, preprocessing, inputShape: [1, 3, 227, 227]).tensor(of: indices)
    let b = try BatchReader(crops, preprocessing, inputShape: [1, 3, 227, 227]).tensor(of: indices)
    var (largest, sum): (Float, Float) = (0, 0)
    let (x, y) = (a.view, b.view)
    for i in 0..<x.count {
      let distance = abs(x[i] - y[i])
      largest = max(largest, distance)
      sum += distance
    }
    #expect(largest <= 3)
    #expect(sum / Float(a.count) < 0.1)
  }
}
