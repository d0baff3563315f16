import LayerGraph

extension LayerCatalog {
  /// Every layer type there is, one line each, in alphabetical order.
  package static let builtIn = LayerCatalog([
    BatchNormLayer.self,
    BiasLayer.self,
    ConcatLayer.self,
    ConvolutionLayer.self,
    DeconvolutionLayer.self,
    DepthwiseConvLayer.self,
    EltwiseLayer.self,
    InnerProductLayer.self,
    LRNLayer.self,
    MVNLayer.self,
    PReLULayer.self,
    PoolingLayer.self,
    ReLULayer.self,
    ScaleLayer.self,
    SliceLayer.self,
    SoftmaxLayer.self,
    SplitLayer.self,
  ])
}
