// SQLite, with errors that say what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>

struct sqlite3;
struct sqlite3_stmt;

namespace braid {

class Statement;

// One connection, for one thread at a time. Throws Error: kState when another process holds the
// lock past the wait, kIo when the system refuses (disk full), kInput for a damaged file.
class Database {
 public:
  Database(const std::filesystem::path& path, int64_t wait_ms, bool create = false);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql);
  Statement prepare(const std::string& sql);  // kept compiled; one user at a time for each text
  int64_t read_int(const std::string& sql);   // one row, one column
  int64_t last_id() const;
  [[noreturn]] void fail(int status) const;

 private:
  std::filesystem::path path_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* handle) : database_(database), handle_(handle) {}
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Columns and parameters count from 0. A text must live until the statement has run.
  Statement& bind(int parameter, int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view value);
  bool step();  // true: a row is there; false: done, and ready to be bound again
  void run();   // to the end
  int64_t integer(int column) const;
  double real(int column) const;
  std::string text(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* handle_;
};

// Rolls back unless committed.
class Transaction {
 public:
  enum class Kind { kRead, kWrite };
  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace braid
