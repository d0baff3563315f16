/// The version of Cortado, as `--version` and every run tell it.
package enum ProductVersion {
  package static let text = "0.1.0"
}
