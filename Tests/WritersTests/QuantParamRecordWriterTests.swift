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
