import Tensors

/// The numbers of a blob in one of the types a weights file can hold.
package enum BlobPayload: Sendable, Equatable {
  case float(Tensor)
  /// Weight codes of a deploy model, one signed byte each.
  case int8(Shape, [Int8])
  /// Bias codes of a deploy model.
  case int32(Shape, [Int32])
  /// Packed dequantization parameters of a deploy model.
  case uint64(Shape, [UInt64])

  package var shape: Shape {
    switch self {
    case .float(let tensor): tensor.shape
    case .int8(let shape, _), .int32(let shape, _), .uint64(let shape, _): shape
    }
  }
}

/// One blob of a weights file.
package struct BlobView: Sendable {
  package let payload: BlobPayload
  /// Fields of the blob that the schema does not know.
  package let unknownBytes: [UInt8]

  package var shape: Shape { payload.shape }

  /// The numbers as floats: float blobs as they are in memory, integers converted.
  package var values: Tensor {
    switch payload {
    case .float(let tensor): tensor
    case .int8(let shape, let v): Tensor(shape: shape, v.map(Float.init))
    case .int32(let shape, let v): Tensor(shape: shape, v.map(Float.init))
    case .uint64(let shape, let v): Tensor(shape: shape, v.map(Float.init))
    }
  }
}
