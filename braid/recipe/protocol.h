// `eval:` of a recipe: what is asked of a trained model. Torch-free.
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/config.h"

namespace braid {

// Which rows take part: of one split ("all" = every row), with given values in given columns.
struct RowsConfig {
  std::string split;
  std::map<std::string, std::string> where;
};

template <class Field>
void visit(Field&& field, RowsConfig& c) {
  field("split", c.split, "a split, or all; default: the protocol's");
  field("where", c.where, "column: value, all must hold");
}

enum class ProtocolKind { kRetrieval, kPrompts, kTask };
inline std::span<const char* const> enum_names(ProtocolKind*) {
  static constexpr const char* kNames[] = {"retrieval", "prompts", "task"};
  return kNames;
}

// The classes of a protocol of prompts and the words for them.
struct LabelsConfig {
  std::string column;
  ConfigNode texts;  // label -> text(s), or label -> {language: text(s)}
};

template <class Field>
void visit(Field&& field, LabelsConfig& c) {
  field("column", c.column, "column that names a row's class");
  field(
      "texts", c.texts,
      "label: text(s), or label: {en: text(s), ...}; default: the labels themselves, all that the "
      "data has");
}

// One question asked of a trained model. Retrieval: one field asks, another is searched, in both
// directions. Prompts: values of one field are classified by texts about the classes. Task: rows
// are answered by a head of the model.
struct ProtocolConfig {
  std::string name;
  ProtocolKind kind = ProtocolKind::kRetrieval;
  std::string split;  // reported at `braid eval --split`
  RowsConfig queries;
  RowsConfig gallery;
  std::string query;     // field that asks; default: the first text field
  std::string against;   // field searched; default: the first other field
  ConfigNode from;       // columns of the query field, where they differ from training
  std::string relevant;  // column whose equal values make an item true; "": the same row
  // Of prompts.
  std::string of;  // field that is classified; default: the first that is not text
  LabelsConfig labels;
  ConfigNode templates;  // text(s) with {}, or language -> text(s)
  std::string task;      // of kind task
  std::string group;     // likewise: column; "" = each row by itself
  std::string by;        // likewise: column of the rows' kinds; "" = none
  int64_t by_words = 0;
};

template <class Field>
void visit(Field&& field, ProtocolConfig& c) {
  field("name", c.name, "name in reports");
  field("kind", c.kind,
        "retrieval: one field asks, another is searched; prompts: a field is classified by texts; "
        "task: a task of the recipe is answered, from every set of fields");
  field("split", c.split,
        "evaluated with `braid eval --split`; also the default of queries and gallery");
  field("queries", c.queries,
        "rows that ask; of prompts: those that are classified; of a task: those that are answered");
  field("gallery", c.gallery, "rows that are searched");
  field("query", c.query,
        "field that asks (of prompts: reads them); default: the first text field");
  field("against", c.against, "field that is searched; default: the first other field");
  field("from", c.from, "columns of the asking field, where they differ from training");
  field("relevant", c.relevant,
        "retrieval: column; items of every row that has the query's value there are true; default: "
        "those of the query's own row");
  field("of", c.of, "prompts: field that is classified; default: the first that is not text");
  field("labels", c.labels);
  field("templates", c.templates,
        "prompts: text(s) where {} stands for the label's text, or {en: text(s), ...}; default: "
        "'{}'");
  field("task", c.task, "task: which one; default: the only one");
  field("group", c.group,
        "task: column; rows with one value there (a patient, a speaker) are no independent facts: "
        "intervals resample them together");
  field("by", c.by,
        "task, of classes or texts: column; accuracy (exact_match, vqa_accuracy) of the rows of each "
        "value, too, such as question_type");
  field("by_words", c.by_words, at_least<int64_t>(0),
        "the first words of `by` alone: 2 makes kinds of questions out of questions; 0: all of it");
}

struct EvalConfig {
  std::string validation = "val";  // split that chooses weights and stops early
  std::string metric = "recall@10";
  std::vector<ProtocolConfig> protocols;
};

template <class Field>
void visit(Field&& field, EvalConfig& c) {
  field("validation", c.validation,
        "split that chooses weights and stops early; never the test split");
  field(
      "metric", c.metric,
      "what is compared: mean over directions, languages and tasks of its protocols; default with "
      "tasks: accuracy, average_precision of many labels, rmse of numbers");
  field("protocols", c.protocols,
        "what is asked; default: every split against itself, and every task");
}

// One language of a protocol of prompts; "" where it names none.
struct PromptLanguage {
  std::string language;
  std::vector<std::string> templates;  // each with one or more {}
  std::vector<std::pair<std::string, std::vector<std::string>>>
      texts;  // label -> texts; may be none

  // Every template filled with every text of `label`; where no texts are listed, with the label.
  std::vector<std::string> prompts(const std::string& label) const;
};

// Throws Error(kConfig) for a template without {}, a label without text in one of the languages.
std::vector<PromptLanguage> parse_prompts(const ProtocolConfig& protocol);

// Throws Error(kConfig) at `at`, the protocol's node, for keys that its kind lacks or has not.
void check_protocol_kind(const ProtocolConfig& protocol, const ConfigNode& at);

}  // namespace braid
