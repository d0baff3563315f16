import Diagnostics
import Tensors
import Testing

@testable import Datasets

@Suite("Tensor inputs") struct TensorInputsTests {
  private let folder: TemporaryFolder
  private let inputs: [(name: String, shape: Shape)] = [("data", [1, 2]), ("im_info", [1, 3])]

  init() throws {
    folder = try TemporaryFolder()
    try NumpyFile.write(Tensor(shape: [1, 2], [1, 2]), to: folder.path + "/one.npy")
    try NumpyFile.write(Tensor(shape: [3, 1, 2], [1, 2, 3, 4, 5, 6]), to: folder.path + "/three.npy")
    try NumpyFile.write(Tensor(shape: [4, 5], repeating: 1), to: folder.path + "/other.npy")
    try NumpyFile.write(Tensor(shape: [2, 1, 3]), to: folder.path + "/two.npy")
    try NumpyFile.write(Tensor(shape: [2]), to: folder.path + "/flat.npy")
  }

  @Test func `a file of the input's rank is one batch, one more axis counts batches, a constant serves all`() throws {
    let one = try TensorInputs(["data=\(folder.path)/one.npy", "im_info=224,224,1"]).bound(to: inputs)
    #expect(one.batchCount == 1)
    #expect(one.batch(0) == [Tensor(shape: [1, 2], [1, 2]), Tensor(shape: [1, 3], [224, 224, 1])])
    let three = try TensorInputs(["im_info=0.5", "data=\(folder.path)/three.npy"]).bound(to: inputs)
    #expect(three.batchCount == 3 && three.names == ["data", "im_info"])
    #expect(three.batch(2) == [Tensor(shape: [1, 2], [5, 6]), Tensor(shape: [1, 3], [0.5, 0.5, 0.5])])
  }

  @Test func `a file of other extents reshapes the net`() throws {
    let bound = try TensorInputs(["data=\(folder.path)/other.npy", "im_info=1,1,1"]).bound(to: inputs)
    #expect(bound.shapes == [[4, 5], [1, 3]])
  }

  @Test func `mistakes are told at once, with the nearest name`() throws {
    let words = try TensorInputs(["dta=\(folder.path)/one.npy", "im_info=1,2"])
    let text = message { _ = try words.bound(to: inputs) }
    #expect(text.contains("the net has no input 'dta' (it has: data, im_info)\nhelp: did you mean 'data'?"))
    #expect(text.contains("nothing is given for the net's input 'data' of shape [1, 2]"))
    #expect(text.contains("2 values are given for the net's input 'im_info' of shape [1, 3], which has 3"))
  }

  @Test func `files must agree about the number of batches and suit the rank`() throws {
    let uneven = try TensorInputs(["data=\(folder.path)/three.npy", "im_info=\(folder.path)/two.npy"])
    #expect(
      message { _ = try uneven.bound(to: inputs) }
        == "\(folder.path)/two.npy: error: this holds 2 batches of 'im_info'\n"
        + "\(folder.path)/three.npy: note: this one holds 3"
    )
    let flat = try TensorInputs(["data=\(folder.path)/flat.npy", "im_info=1"])
    #expect(
      message { _ = try flat.bound(to: inputs) }.contains(
        "shape [2] does not suit the net's input 'data' of shape [1, 2]"))
  }

  @Test func `words that are no inputs are refused`() {
    #expect(message { _ = try TensorInputs(["data"]) }.contains("'data' is no input"))
    #expect(message { _ = try TensorInputs(["=1"]) }.contains("'=1' is no input"))
    #expect(message { _ = try TensorInputs(["a=1", "a=2"]) } == "error: the input 'a' is given twice")
    #expect(message { _ = try TensorInputs(["a=1,x"]) } == "1,x: error: cannot read this: No such file or directory")
  }
}
