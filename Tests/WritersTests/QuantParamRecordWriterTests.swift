import CaffeFormat
import Quantization
import Testing
import Writers

/// Fields and their order follow amct-facts 4.6.
@Suite struct QuantParamRecordWriterTests {
  @Test func `factors are written as reciprocals, in graph order`() throws {
    #expect(
      try ProtoSchema.builtIn().printText(QuantParamRecordWriter.message(WrittenModel.make())) == """
        version: 65536
        layer {
          name: "conv"
          calc_data_type: S8
          quant_param {
            input {
              data_type: S8
              scale: 2
              offset: -3
            }
            weight {
              data_type: S8
              scale: 4
              scale: 8
            }
          }
        }
        layer {
          name: "pool"
          calc_data_type: S8
          quant_param {
            input {
              data_type: S8
              scale: 0.25
              offset: 0
            }
          }
        }

        """)
  }

  @Test(arguments: [(8, "S8"), (9, "S16"), (12, "S16"), (16, "S16")])
  func `more than eight bits of data make S16, the weights stay S8`(_ bits: Int, _ type: String) throws {
    let message = QuantParamRecordWriter.message(try WrittenModel.make(dataBits: bits))
    let layer = try #require(message.messages("layer").first)
    #expect(layer.enumName("calc_data_type") == type)
    let quant = try #require(layer.message("quant_param"))
    #expect(quant.messages("input").map { $0.enumName("data_type") } == [type])
    #expect(quant.message("weight")?.enumName("data_type") == "S8")
    #expect(message.messages("layer").last?.enumName("calc_data_type") == "S8", "the other layer's own bits count")
  }

  /// amct-facts 4.6: U4, steps as reciprocals, the 16 levels as signed bytes.
  @Test func `non-uniform weights are U4 with their levels`() throws {
    let levels: [Int8] = [-128, -96, -64, -48, -32, -16, -8, -1, 0, 1, 8, 16, 32, 64, 96, 127]
    let model = try WrittenModel.make(codes: [0, 15, 8, 7], codebook: levels)
    let schema = try ProtoSchema.builtIn()
    let message = QuantParamRecordWriter.message(model)
    let back = try schema.parseBinary("CalibrationParam", try schema.serialize(message), file: "record.bin")
    let layer = try #require(back.messages("layer").first)
    #expect(layer.enumName("calc_data_type") == "S8", "the data keeps its bits")
    let weight = try #require(layer.message("quant_param")?.message("weight"))
    #expect(weight.enumName("data_type") == "U4" && weight.floats("scale") == [4, 8])
    #expect(
      try schema.printText(message).contains(#"params: "\200\240\300\320\340\360\370\377\000\001\010\020 @`\177""#))
    #expect(model.codes["conv"]?.weights == [0, 15, 8, 7])
    guard case .int8(_, let bytes) = DeployModelWriter.blobs(model)["conv"]?.first else {
      Issue.record("no int8 weights")
      return
    }
    #expect(bytes == [0, 15, 8, 7], "one code a byte")
  }

  /// The sample of the format's description: a step of 20/255 is 12.75, one of 1/127 is 127.
  @Test func `the published sample comes out`() throws {
    let model = try WrittenModel.make(dataScale: 20 / 255, dataOffset: -77, weightScales: [1 / 127])
    let quant = try #require(QuantParamRecordWriter.message(model).messages("layer").first?.message("quant_param"))
    #expect(quant.messages("input").first?.floats("scale") == [12.75])
    #expect(quant.messages("input").first?.floats("offset") == [-77])
    #expect(quant.message("weight")?.floats("scale") == [127])
  }

  @Test func `text and binary hold the same`() throws {
    let schema = try ProtoSchema.builtIn()
    let message = QuantParamRecordWriter.message(try WrittenModel.make(dataBits: 12))
    let back = try schema.parseBinary("CalibrationParam", try schema.serialize(message), file: "record.bin")
    #expect(try schema.printText(back) == schema.printText(message))
  }
}
