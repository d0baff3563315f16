import QuantEngine
import Quantization
import Terminal
import WorkbenchUI

/// The model and its project folder.
extension EffectRunner {
  func open(_ news: NewsBox<AppNews>) throws(QuantError) {
    news.post(.opened(try OpenedProject(files, data: data, project: project)))
    attach(news)
  }

  func save(_ config: QuantConfig, _ news: NewsBox<AppNews>) throws(QuantError) {
    try ProjectStore.save(config, to: project.config)
    news.post(.saved(config))
  }
}
