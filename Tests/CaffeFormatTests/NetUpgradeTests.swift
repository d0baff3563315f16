import Diagnostics
import Testing

@testable import CaffeFormat

/// Expected texts are worked out by hand from the rules of Caffe's `upgrade_proto.cpp`.
@Suite("Nets of older formats")
struct NetUpgradeTests {
  let schema: ProtoSchema
  init() throws { schema = try ProtoSchema.builtIn() }

  func upgraded(_ text: String) throws -> (text: String, notes: [String]) {
    var log = DiagnosticLog()
    let net = try NetParameter.parse(
      Array(text.utf8), file: "old.prototxt", schema: schema, phase: .train, log: &log)
    return (try schema.printText(net.encoded()), log.diagnostics.flatMap(\.lines))
  }

  @Test func `V1 layers become layers of today`() throws {
    let (text, notes) = try upgraded(
      """
      layers {
        bottom: "data" top: "ip" name: "ip" type: INNER_PRODUCT
        blobs_lr: 1 blobs_lr: 2 weight_decay: 1 weight_decay: 0
        param: "w" param: "" blob_share_mode: PERMISSIVE
        inner_product_param { num_output: 10 }
      }
      layers { bottom: "ip" bottom: "label" top: "loss" name: "loss" type: SOFTMAX_LOSS loss_weight: 0.5 }
      """)
    #expect(
      text == """
        layer {
          name: "ip"
          type: "InnerProduct"
          bottom: "data"
          top: "ip"
          param {
            name: "w"
            share_mode: PERMISSIVE
            lr_mult: 1
            decay_mult: 1
          }
          param {
            lr_mult: 2
            decay_mult: 0
          }
          inner_product_param {
            num_output: 10
          }
        }
        layer {
          name: "loss"
          type: "SoftmaxWithLoss"
          bottom: "ip"
          bottom: "label"
          top: "loss"
          loss_weight: 0.5
        }

        """)
    #expect(notes == ["old.prototxt:1:1: note: read the net from the older format V1"])
  }

  @Test func `preprocessing of V1 data layers moves to transform_param`() throws {
    let (text, _) = try upgraded(
      """
      layers {
        name: "d" type: DATA top: "data"
        data_param { source: "db" scale: 0.5 mean_file: "m" batch_size: 4 crop_size: 27 mirror: true backend: LMDB }
      }
      """)
    #expect(
      text == """
        layer {
          name: "d"
          type: "Data"
          top: "data"
          transform_param {
            scale: 0.5
            mirror: true
            crop_size: 27
            mean_file: "m"
          }
          data_param {
            source: "db"
            batch_size: 4
            backend: LMDB
          }
        }

        """)
  }

  @Test func `V0 paddings are folded into the layer they feed`() throws {
    let (text, notes) = try upgraded(
      """
      input: "data" input_dim: [1, 3, 8, 8]
      layers { layer { name: "pad1" type: "padding" pad: 2 } bottom: "data" top: "pad1" }
      layers {
        layer {
          name: "conv1" type: "conv" num_output: 4 kernelsize: 5 stride: 2 group: 1 biasterm: false
          weight_filler { type: "gaussian" std: 0.01 } blobs_lr: 1. weight_decay: 0.5
        }
        bottom: "pad1" top: "conv1"
      }
      layers { layer { name: "relu1" type: "relu" } bottom: "conv1" top: "conv1" }
      layers { layer { name: "pool1" type: "pool" pool: AVE kernelsize: 3 stride: 2 } bottom: "conv1" top: "pool1" }
      layers { layer { name: "drop" type: "dropout" dropout_ratio: 0.25 } bottom: "pool1" top: "pool1" }
      """)
    #expect(
      text == """
        input: "data"
        input_dim: 1
        input_dim: 3
        input_dim: 8
        input_dim: 8
        layer {
          name: "conv1"
          type: "Convolution"
          bottom: "data"
          top: "conv1"
          param {
            lr_mult: 1
            decay_mult: 0.5
          }
          convolution_param {
            num_output: 4
            bias_term: false
            pad: 2
            kernel_size: 5
            group: 1
            stride: 2
            weight_filler {
              type: "gaussian"
              std: 0.01
            }
          }
        }
        layer {
          name: "relu1"
          type: "ReLU"
          bottom: "conv1"
          top: "conv1"
        }
        layer {
          name: "pool1"
          type: "Pooling"
          bottom: "conv1"
          top: "pool1"
          pooling_param {
            pool: AVE
            kernel_size: 3
            stride: 2
          }
        }
        layer {
          name: "drop"
          type: "Dropout"
          bottom: "pool1"
          top: "pool1"
          dropout_param {
            dropout_ratio: 0.25
          }
        }

        """)
    #expect(notes == ["old.prototxt:2:1: note: read the net from the older format V0"])
  }

  @Test func `V0 data layers keep source and batch, and transform the rest`() throws {
    let (text, _) = try upgraded(
      """
      layers {
        layer { name: "d" type: "images" source: "l" batchsize: 2 new_height: 9 meanfile: "m" cropsize: 5 scale: 2 }
        top: "data"
      }
      """)
    #expect(
      text == """
        layer {
          name: "d"
          type: "ImageData"
          top: "data"
          transform_param {
            scale: 2
            crop_size: 5
            mean_file: "m"
          }
          image_data_param {
            source: "l"
            batch_size: 2
            new_height: 9
          }
        }

        """)
  }

  @Test(arguments: [
    ("layers { name: 'a' type: RELU } layer { name: 'b' type: 'ReLU' }", "old.prototxt:1:33: error: the net has both"),
    ("layers { layer { name: 'a' type: 'relu' kernelsize: 2 } }", "old.prototxt:1:41: error: field 'kernelsize' does"),
    ("layers { layer { name: 'a' type: 'rlu' } }", "old.prototxt:1:28: error: unknown V0 layer type 'rlu'"),
    ("layers { layer { name: 'a' type: 'relu' } bottom: 'x' }", "old.prototxt:1:43: error: no layer above makes 'x'"),
    (
      "input: 'x' layers { layer { name: 'p' type: 'padding' } bottom: 'x' top: 'p' } "
        + "layers { layer { type: 'relu' } bottom: 'p' }",
      "old.prototxt:1:112: error: a padding layer may only feed"
    ),
  ])
  func `what cannot be upgraded is an error at its place`(_ text: String, _ start: String) {
    let error = #expect(throws: DiagnosticError.self) { try upgraded(text) }
    #expect(error?.description.hasPrefix(start) == true, "\(error?.description ?? "")")
  }
}
