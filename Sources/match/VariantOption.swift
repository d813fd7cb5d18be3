// --variant: what a foreign weights file does not say of itself.

import ArgumentParser
import Models
import Pipeline

/// How to take weights that others publish.
struct VariantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What others' weights do not say of themselves, separated by commas: original or corrected (LoFTR's position \
      encoding), full or optimized (EfficientLoFTR's mode).
      """, valueName: "names"),
    transform: { try WeightsVariant(parsing: $0) })
  var variant = WeightsVariant()
}
