import Diagnostics
import Foundation
import Quantization

/// What a run had set for one layer, and what it measured there.
package struct LayerRun: Sendable {
  package let run: Int
  /// The run's config could be read.
  package let hasConfig: Bool
  /// The layer's entry; `nil` without one.
  package let settings: LayerConfig?
  /// `nil` where the run was not compared.
  package let metric: LayerMetric?

  package init(run: Int, hasConfig: Bool = true, settings: LayerConfig?, metric: LayerMetric?) {
    self.run = run
    self.hasConfig = hasConfig
    self.settings = settings
    self.metric = metric
  }

  package init(_ run: FinishedRun, layer: String) {
    self.init(
      run: run.number, hasConfig: run.config != nil, settings: run.config?.layers[layer],
      metric: run.comparison?.layers.first { $0.layer == layer })
  }
}

extension RunStore {
  /// What all runs that were compared had set for a layer, the latest first. Reads config and result of each.
  package func runs(of layer: String) -> [LayerRun] {
    project.runNumbers.reversed().compactMap { number in
      let folder = project.run(number)
      guard let comparison = QuantizeResult(readingFrom: folder)?.comparison else { return nil }
      let config = FileManager.default.contents(atPath: folder.config).flatMap {
        try? QuantConfig.read(Array($0), file: folder.config)
      }
      return LayerRun(
        run: number, hasConfig: config != nil, settings: config?.layers[layer],
        metric: comparison.layers.first { $0.layer == layer })
    }
  }
}
