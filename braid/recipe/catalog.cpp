#include "braid/recipe/catalog.h"

#include <functional>

#include "braid/alignment/cosine_distance.h"
#include "braid/alignment/info_nce.h"
#include "braid/alignment/momentum_queue.h"
#include "braid/alignment/nt_xent.h"
#include "braid/alignment/sigmoid.h"
#include "braid/alignment/triplet.h"
#include "braid/core/text.h"
#include "braid/encoder/configs.h"
#include "braid/fusion/configs.h"
#include "braid/generate/generation.h"
#include "braid/generate/transcription.h"
#include "braid/head/classification.h"
#include "braid/head/matching.h"
#include "braid/head/regression.h"
#include "braid/interaction/configs.h"
#include "braid/modality/modality.h"

namespace braid {
namespace {

struct Member {
  MemberDoc doc;
  std::function<ConfigNode(const ConfigNode&)> complete;
};

struct Family {
  std::string name, help;
  std::vector<Member> members;
};

ConfigNode with_kind(const std::string& name, const ConfigNode& keys) {
  auto result = ConfigNode::map();
  result.put("kind", ConfigNode::scalar(name));
  for (const auto& [key, value] : keys.entries()) result.put(key, value);
  return result;
}

template <class Config>
Member member(const char* name, const char* help) {
  return {{name, help, describe<Config>()}, [name](const ConfigNode& node) {
            return with_kind(name, write(read_member<Config>(node)));
          }};
}

Member modality(ModalityDoc doc) {
  const auto complete = [name = doc.name](const ConfigNode& node) {
    return with_kind(name, complete_modality(name, node));
  };
  return {{std::move(doc.name), std::move(doc.help), std::move(doc.keys)}, complete};
}

std::vector<Family> families() {
  std::vector<Family> all;
  all.push_back({"modality", "turns the bytes of one value into numbers", {}});
  for (auto& doc : modality_docs()) all.back().members.push_back(modality(std::move(doc)));
  all.push_back({"encoder", "turns numbers into tokens and one vector", {}});
#define BRAID_ENCODER(name, Config, help) all.back().members.push_back(member<Config>(#name, help));
#include "braid/encoder/all.def"
#undef BRAID_ENCODER
  all.push_back({"alignment", "pulls true pairs together in the shared space", {}});
#define BRAID_ALIGNMENT(name, Config, help) \
  all.back().members.push_back(member<Config>(#name, help));
#include "braid/alignment/all.def"
#undef BRAID_ALIGNMENT
  all.push_back({"interaction", "lets modalities look at each other before they are fused", {}});
#define BRAID_INTERACTION(name, Config, help) \
  all.back().members.push_back(member<Config>(#name, help));
#include "braid/interaction/all.def"
#undef BRAID_INTERACTION
  all.push_back({"fusion", "joins the vectors of one sample into one", {}});
#define BRAID_FUSION(name, Config, help) all.back().members.push_back(member<Config>(#name, help));
#include "braid/fusion/all.def"
#undef BRAID_FUSION
  all.push_back({"task", "answers from the fused vector, and is told what is true", {}});
#define BRAID_HEAD(name, Config, help) all.back().members.push_back(member<Config>(#name, help));
#include "braid/head/all.def"
#undef BRAID_HEAD
#define BRAID_WRITER(name, Config, help) all.back().members.push_back(member<Config>(#name, help));
#include "braid/generate/all.def"
#undef BRAID_WRITER
  return all;
}

}  // namespace

std::vector<FamilyDoc> catalog() {
  std::vector<FamilyDoc> docs;
  for (auto& family : families()) {
    FamilyDoc doc{family.name, family.help, {}};
    for (auto& one : family.members) doc.members.push_back(std::move(one.doc));
    docs.push_back(std::move(doc));
  }
  return docs;
}

ConfigNode complete(const std::string& family_name, const ConfigNode& node) {
  for (const auto& family : families()) {
    if (family.name != family_name) continue;
    const auto* kind = node.find("kind");
    const ConfigNode& named = kind ? *kind : node;
    if (named.kind() != ConfigNode::Kind::kScalar) {
      node.fail("expected " + family_name + " as {kind: NAME, ...}");
    }
    std::vector<std::string> known;
    for (const auto& one : family.members) {
      if (one.doc.name == named.text()) return one.complete(node);
      known.push_back(one.doc.name);
    }
    named.fail("unknown " + family_name + " '" + named.text() + "'" +
               did_you_mean(named.text(), known) + "; known: " + join(known, ", "));
  }
  throw Error(ErrorCode::kInternal, "no family '" + family_name + "'");
}

}  // namespace braid
