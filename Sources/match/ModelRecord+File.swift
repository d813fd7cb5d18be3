// The record of a model, from its file.

import Export
import Weights

extension ModelRecord {
  /// What records say of a model.
  init(_ file: ModelFile) {
    self.init(
      name: file.name, architecture: file.architecture, sha256: file.sha256,
      parameters: file.parameterCount, license: file.license.isEmpty ? nil : file.license)
  }
}
