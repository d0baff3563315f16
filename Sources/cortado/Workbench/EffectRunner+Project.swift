import QuantEngine
import Quantization
import Terminal
import WorkbenchUI

/// The model and its project folder.
extension EffectRunner {
  func open(_ news: NewsBox<AppNews>) throws(QuantError) {
    news.post(.opened(try OpenedProject(files, data: data, project: project, recipe: recipe)))
    attach(news)
  }

  func save(_ config: QuantConfig, _ recipe: ProjectRecipe, _ news: NewsBox<AppNews>) throws(QuantError) {
    try ProjectStore.save(config, recipe, in: project)
    news.post(.saved(config, recipe: recipe))
  }
}
