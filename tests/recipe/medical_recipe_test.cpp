// recipes/chest_xray_task.yaml: what gives the diagnosis away is read by no field, and hidden in notes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "braid/core/file.h"
#include "braid/modality/hidden_words.h"
#include "braid/recipe/recipe.h"

namespace braid {
namespace {

Recipe medical() {
  const std::string path = BRAID_SOURCE_DIR "/recipes/chest_xray_task.yaml";
  return parse_recipe(ConfigNode::parse(read_text(path), path), BRAID_SOURCE_DIR "/recipes");
}

TEST(MedicalRecipe, ReadsNeitherTheDiagnosisNorSourceNorPatient) {
  std::set<std::string> read;
  for (const auto& source : medical().sources()) {
    for (const auto& [label, columns] : source.columns) read.insert(columns.begin(), columns.end());
  }
  EXPECT_EQ(read, (std::set<std::string>{"image", "tabular.*", "clinical_notes"}));
}

TEST(MedicalRecipe, HidesTheWordsThatNameTheAnswer) {
  std::vector<std::string> hidden;
  for (const auto& [name, field] : medical().fields) {
    if (const auto* hide = field.modality.find("hide"))
      hidden = braid::read<std::vector<std::string>>(*hide);
  }
  const HiddenWords words(hidden);
  for (const char* told :
       {"COVID-19", "covid19", "SARS-CoV-2", "2019-nCoV", "Coronavirus", "pneumonia", "Pneumonias",
        "Klebsiella", "Pneumocystis", "jiroveci", "PCP", "Streptococcus", "pneumoniae", "HIV", "CD4",
        "RT-PCR", "swabs", "Wuhan", "influenza", "ARDS", "Legionella-Ag", "antiretroviral"})
    EXPECT_EQ(words.without(told), "-") << told;
  EXPECT_EQ(words.without("Fever and cough for 3 days; CT shows opacities, CRP high."),
            "Fever and cough for 3 days; CT shows opacities, CRP high.");
}

}  // namespace
}  // namespace braid
