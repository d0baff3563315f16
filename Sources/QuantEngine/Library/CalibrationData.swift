import Datasets
import Diagnostics

/// What the net is fed while its activations are calibrated: what an inference loop around the original toolkit's
/// modified model would have fed it.
public struct CalibrationData: Sendable {
  var options = DataOptions()
  private var preprocessing: String?

  /// Images: a folder of JPEG and PNG files, a text list, an LMDB of Datum, or a `.npy` of uint8 images or of float32
  /// input `[N, C, H, W]`.
  /// - Parameters:
  ///   - preprocessing: a JSON file that says how images become input (resize, crop, channel order, mean, scale); without
  ///     one the net's own `transform_param` holds.
  ///   - batchSize: images of a batch; the first dimension of the net's input when `nil`.
  ///   - limit: only so many images are used.
  public init(images: String, preprocessing: String? = nil, batchSize: Int? = nil, limit: Int? = nil) {
    options.images = images
    options.batchSize = batchSize
    options.limit = limit
    self.preprocessing = preprocessing
  }

  /// Tensors for nets of several inputs: by input name a `.npy` file, or constants as in `"600,800,1"`. An array of the
  /// blob's own shape is one batch, one more leading axis counts batches.
  public init(inputs: [String: String]) {
    options.inputs = inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  func resolved(threads: Int) throws(QuantError) -> DataOptions {
    var options = options
    options.threads = threads
    if let preprocessing {
      options.preprocessing = try attempting(.badInput) { try PreprocessingSpec(file: preprocessing) }
    }
    return options
  }
}
