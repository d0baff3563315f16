/// Simplified Chinese.
///
/// Sentences are looked up by their English; a pair of braces stands for any words, which are taken over in their order.
/// Names of layers, fields, commands and keys stay as they are.
extension Strings {
  package static let chinese = Strings(
    tooSmall: { "需要 \($1.columns)x\($1.rows)，现为 \($0.columns)x\($0.rows)：请放大，或按 q 退出" },
    job: "任务: ",
    noJob: "无",
    unsaved: { $0.isEmpty ? "未保存: -" : "未保存: \($0.joined(separator: " "))" },
    commandHint: ": 命令",
    helpHint: "? 帮助",
    moreRows: { "还有 \($0) 行" },
    yes: "是",
    no: "否",
    helpTitle: { "帮助: \($0)" },
    helpSearch: "搜索: ",
    helpNothing: { "没有与 '\($0)' 相符的键或操作；Esc 清除搜索" },
    offNow: { "现不可用: \($0)" },
    notANumber: "不是数字",
    notAWholeNumber: "不是整数",
    outOfRange: { "必须为 \($0)" },
    empty: "不能为空",
    range: { $0 },
    noData: "无数据",
    logCount: "数量（对数）",
    sentences: Sentences(
      [
        chineseTabs, chineseFooter, chineseHelp, chineseStatus, chineseSheets, chineseHome, chineseCounts,
        chineseLayers,
        chineseFields, chineseRecipe, chineseRun, chineseCompare, chineseTune, chineseRuns, chineseQuestions,
        chinesePrompts, chineseNews, chineseKeys,
      ].flatMap { $0 }))

  static let chineseTabs = [
    ("Home", "主页"), ("Layers", "层"), ("Recipe", "配方"), ("Run", "运行"), ("Compare", "比较"), ("Tune", "调优"),
    ("Runs", "历次"), ("Log", "日志"), ("Hom", "主"), ("Lay", "层"), ("Rec", "配方"), ("Cmp", "比较"),
    ("Tun", "调优"), ("Rns", "历次"), ("Everywhere", "所有界面"), ("Command", "命令"), ("Net", "网络"),
    ("History", "历史"),
  ]

  static let chineseFooter = [
    ("move", "移动"), ("edit", "编辑"), ("float", "浮点"), ("bits", "位宽"), ("filter", "过滤"), ("run", "运行"),
    ("save", "保存"), ("compare", "比较"), ("undo", "撤销"), ("help", "帮助"), ("layer", "层"), ("order", "排序"),
    ("threshold", "阈值"), ("next bad", "下一差层"), ("cancel", "取消"), ("follow", "跟随"), ("copy", "复制"),
    ("open", "打开"), ("next step", "下一步"), ("check", "检查"), ("level", "级别"), ("wrap", "折行"),
    ("to file", "存文件"), ("mark", "标记"), ("metric", "指标"), ("detail", "详情"), ("restore", "恢复"),
    ("diff", "差异"), ("report", "报告"), ("view", "视图"), ("sort", "排序"), ("pause", "暂停"), ("write", "写出"),
  ]

  static let chineseHelp = [
    ("down", "向下"), ("up", "向上"), ("first", "最前"), ("last", "最后"), ("a page down", "下一页"),
    ("a page up", "上一页"), ("half a page down", "下半页"), ("half a page up", "上半页"),
    ("the model, its checks and recent projects", "模型、检查与最近的项目"),
    ("the recipe: rules that make the config", "配方：生成配置的规则"),
    ("which layers hurt, and what to do about them", "哪些层有损精度，以及如何处理"),
    ("all runs: compare, restore, name, delete", "所有运行：比较、恢复、命名、删除"),
    ("layers and their settings", "各层及其设置"), ("the run under way, or the last one", "正在进行或最近一次运行"),
    ("how close each layer is to the original", "各层与原模型的接近程度"), ("all messages", "全部消息"),
    ("take back the last edit", "撤销上一次修改"), ("do it again", "重做"),
    ("all edits: go to any of them", "全部修改：可回到任意一步"), ("save the config", "保存配置"),
    ("write the models of the last run", "写出最近一次运行的模型"), ("draw the screen again", "重画屏幕"),
    ("suspend", "挂起"), ("close what is open, then quit", "关闭已打开的，再退出"),
    ("cancel input; twice: quit", "取消输入；两次则退出"),
    ("command palette: every action, by a few letters", "命令面板：输入几个字母即可找到任何操作"),
    ("quantised or float", "量化或浮点"), ("activation bits 8, 12, 16", "数据位宽 8、12、16"),
    ("all settings the layer had: take one of them", "该层用过的设置：取其一"), ("start a run", "开始运行"),
    ("back to the layers", "回到各层"), ("open the layer, edit the field", "打开层，编辑字段"),
    ("back to the list; clear the filter", "回到列表；清除过滤"),
    ("filter: name, type:Conv, state:F, bits>8, chain<.99, mac>2", "过滤：名称、type:Conv、state:F、bits>8、chain<.99、mac>2"),
    ("compare", "比较"), ("default of the field, or of the whole layer", "字段或整层恢复默认"),
    ("default of the whole layer", "整层恢复默认"), ("flip the flag", "切换开关"), ("step up", "加一步"),
    ("step down", "减一步"), ("inherit with_offset", "继承 with_offset"),
    ("next layer under the threshold", "下一个低于阈值的层"), ("previous layer under the threshold", "上一个低于阈值的层"),
    ("other pane", "另一窗格"), ("copy the row", "复制该行"), ("copy the line", "复制该行"),
    ("the layer and its settings", "该层及其设置"), ("order: network, worst first, delta", "排序：网络、最差优先、变化"),
    ("cancel the run", "取消运行"), ("compare what the run found", "比较运行结果"),
    ("follow the active layer", "跟随当前层"), ("failed layers only", "仅失败的层"),
    ("open the project under the cursor", "打开光标处的项目"), ("go where the next step is", "前往下一步"),
    ("try the original net on one batch", "用一个批次试原网络"),
    ("take the project off this list; its files stay", "从列表中移除该项目；文件保留"),
    ("copy the command that opens the project", "复制打开该项目的命令"), ("go to the layer of the line", "前往该行所指的层"),
    ("only lines with these words", "仅含这些词的行"),
    ("lowest level shown: debug, info, warning, error", "显示的最低级别：debug、info、warning、error"),
    ("lowest level written to a file", "写入文件的最低级别"), ("stay at the end", "停在末尾"),
    ("long lines whole, or cut", "长行完整或截断"), ("write the log to a file", "把日志写入文件"),
    ("clear the filter; back to the layers", "清除过滤；回到各层"),
    ("a setting of the net, or of all layers of a filter", "网络的设置，或过滤出的各层的设置"),
    ("un-quantise all layers of a filter", "取消过滤出的各层的量化"), ("quantise all layers of a filter", "量化过滤出的各层"),
    ("activation bits of all layers of a filter", "过滤出的各层的数据位宽"),
    ("all settings of the layers of a filter back to default", "过滤出的各层全部恢复默认"),
    ("go to a layer", "前往某层"), ("show only the layers that fit; nothing: all", "仅显示相符的层；空为全部"),
    ("mark the layers of a filter; nothing: no marks", "标记过滤出的层；空为清除标记"),
    ("similarity under which a layer is bad", "低于此相似度的层为差"),
    ("what the log shows, or what it writes to a file", "日志显示的，或写入文件的级别"),
    ("colours, tried while they are chosen; default: as configured", "配色，选择时即试用；default 为配置所定"),
    ("click, wheel; off: the terminal's own selection works", "点击、滚轮；关闭时可用终端自身的选择"),
    ("language of the screens", "界面语言"), ("signs of frames, bars and plots, for this session", "边框、条与图的符号（本次）"),
    ("make the config that of a run; u undoes", "采用某次运行的配置；u 撤销"),
    ("write the models of the last run, or of another one", "写出最近或某次运行的模型"),
    ("write hand edits into the recipe", "把手工修改写入配方"), ("nothing fits", "没有相符的"), ("used last", "最近用过"),
    ("do it", "执行"), ("complete", "补全"), ("close", "关闭"), ("quit", "退出"), ("these keys", "这些键"),
    ("draw again", "重画"), ("twice: quit", "两次：退出"),
  ]

  static let chineseStatus = [
    ("not opened", "未打开"), ("reading", "读取中"), ("no run yet", "尚无运行"), ("no images", "无图片"),
    ("{#} images", "{} 张图片"), ("{#} image", "{} 张图片"), ("{#} under {}", "{} 层低于 {}"),
    ("run {} done, chain out {}", "运行 {} 完成，chain out {}"), ("run {}: {}", "运行 {}: {}"),
    ("{} edits not run yet", "{} 处修改未运行"), ("{} edit not run yet", "{} 处修改未运行"), ("theme {}", "主题 {}"),
    ("run {}", "运行 {}"), ("starting", "启动中"), ("{} edits; u undoes: {}", "{} 处修改；u 撤销: {}"),
    ("{} edit; u undoes: {}", "{} 处修改；u 撤销: {}"), ("{} (u undoes)", "{}（u 撤销）"), ("undone: {}", "已撤销: {}"),
    ("done again: {}", "已重做: {}"), ("saved: {}", "已保存: {}"), ("copied: {}", "已复制: {}"),
    ("wrote {} files: {}", "已写出 {} 个文件: {}"), ("wrote {}", "已写出 {}"),
    ("those of run {}, {}_*: w writes run {}", "运行 {} 的，{}_*：w 写出运行 {} 的"),
    ("config of run {} again", "配置又同运行 {}"), ("nothing to undo", "没有可撤销的"),
    ("all is done: its report, other runs", "已全部完成：可看报告或其他运行"),
    ("leave an image out of the project's runs", "在本项目的运行中不用某张图片"),
    ("use all images again", "重新使用全部图片"), ("take", "采用"), ("as before", "保持原样"), ("clear", "清空"),
    ("nothing to redo", "没有可重做的"), ("the model is not open yet", "模型尚未打开"),
    ("no run yet: r starts one", "尚无运行: r 开始"), ("no run is under way", "没有正在进行的运行"),
    ("a run is under way", "运行正在进行"), ("a run is under way: 4 shows it", "运行正在进行: 4 查看"),
    ("everything is saved", "全部已保存"), ("no edit yet", "尚无修改"), ("Ctrl-C again quits", "再按 Ctrl-C 退出"),
    (
      "run {} done, output cos {}, {} layers under {}: 5 compares", "运行 {} 完成，输出 cos {}，{} 层低于 {}: 5 比较"
    ),
    ("run {} done, output cos {}, {} layer under {}: 5 compares", "运行 {} 完成，输出 cos {}，{} 层低于 {}: 5 比较"),
    ("run {} was cancelled", "运行 {} 已取消"), ("run {} failed: {} (8 shows all)", "运行 {} 失败: {}（8 查看全部）"),
    ("run {} is still under way: 4 shows it", "运行 {} 仍在进行: 4 查看"),
    ("mouse on", "鼠标已开"), ("mouse off", "鼠标已关"), ("no message yet", "尚无消息"),
    ("no message of this level: l shows others", "没有该级别的消息: l 显示其他"),
    ("no line has these words: Esc shows all", "没有含这些词的行: Esc 显示全部"), ("whole message", "完整消息"),
    ("this line is about no layer", "该行不涉及任何层"), ("No model is open.", "没有打开的模型。"),
    ("lists the projects that were open before", "列出以前打开过的项目"),
  ]

  static let chineseSheets = [
    ("Quit?", "退出？"), ("stay", "留下"), ("save and quit", "保存并退出"), ("save, leave it running", "保存，让它继续运行"),
    ("leave unsaved", "不保存离开"), ("leave it running", "让它继续运行"), ("cancel it and quit", "取消并退出"),
    ("discard and quit", "放弃并退出"), ("The config has changes that are not saved.", "配置有未保存的修改。"),
    ("Run {} is under way: {}.", "运行 {} 正在进行: {}。"), ("Cancel run {}?", "取消运行 {}？"),
    ("It stops after the step under way; its folder and log stay.", "当前步骤之后停止；其目录与日志保留。"),
    ("let it run", "让它运行"), ("Overwrite {} files?", "覆盖 {} 个文件？"), ("Overwrite {} file?", "覆盖 {} 个文件？"),
    ("overwrite", "覆盖"), ("keep them", "保留"), ("Start a run", "开始运行"), ("start", "开始"),
    ("more batches", "更多批次"), ("fewer", "更少"), ("not now", "暂不"),
  ]

  static let chineseHome = [
    ("Recent projects", "最近的项目"), ("recent projects", "最近的项目"), ("checks", "检查"), ("next", "下一步"),
    ("layers", "层数"), ("inputs", "输入"), ("unknown", "未知类型"), ("types", "类型"), ("outputs", "输出"),
    ("config", "配置"), ("model loads", "模型可读"), ("image list", "图片列表"), ("original net", "原网络"),
    ("last run", "最近运行"), ("models written", "已写模型"),
    ("none: projects come here when they are opened", "无：打开过的项目会列在这里"),
    ("No project yet. This one opens one:", "尚无项目。用下面的命令打开："),
    (
      "Without --images layers can be looked at and edited; a run needs them.",
      "没有 --images 也可查看和编辑各层；运行则需要图片。"
    ),
    ("{} images, {} a batch", "{} 张图片，每批 {} 张"), ("{} images in {} s, all finite", "{} 张图片用时 {} 秒，全部有限"),
    ("one batch is run", "正在运行一个批次"), ("not tried: c tries one batch", "未试: c 试一个批次"),
    (
      "none given: start with --images FOLDER, LIST, LMDB, HDF5 or .npy",
      "未给出: 启动时用 --images FOLDER、LIST、LMDB、HDF5 或 .npy"
    ), ("none yet", "尚无"),
    (
      "Images may be a folder, a text list, an LMDB, HDF5 or .npy file.", "图片可以是目录、文本列表、LMDB、HDF5 或 .npy 文件。"
    ),
    ("not yet: w", "尚未: w"), ("the model cannot be opened", "模型无法打开"),
    ("start the first run, by default settings", "以默认设置开始第一次运行"),
    ("measure {} edits", "运行以衡量 {} 处修改"), ("measure {} edit", "运行以衡量 {} 处修改"), ("watch run {}", "查看运行 {}"),
    ("look at the {} layers under {}", "查看 {} 个低于 {} 的层"), ("look at the {} layer under {}", "查看 {} 个低于 {} 的层"),
    ("write the models of run {}", "写出运行 {} 的模型"),
    (
      "look at the layers; a run needs images: start with --images FOLDER",
      "查看各层；运行需要图片: 启动时用 --images FOLDER"
    ),
    ("run {}, chain out {}, {} layers under {}", "运行 {}，chain out {}，{} 层低于 {}"),
    ("run {}, chain out {}, {} layer under {}", "运行 {}，chain out {}，{} 层低于 {}"),
    ("no project was open before", "以前没有打开过项目"), ("none", "无"),
  ]
}
