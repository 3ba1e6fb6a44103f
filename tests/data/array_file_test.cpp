// Rows of IDX, .npy and .npz files.
#include "braid/data/array_file.h"

#include <nlohmann/json.hpp>

#include "braid/modality/picture/decode.h"
#include "braid/tensor_file/npy.h"
#include "packed.h"

namespace braid::data_test {
namespace {

std::string grey_pictures() {
  std::string pixels;
  for (int i = 0; i < 2 * 2 * 3; ++i) pixels += static_cast<char>(10 * i);
  return idx_of({2, 2, 3}, pixels);
}

// A stored .zip of members: numpy.savez writes it so.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out(1 << 20, '\0');
  size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const auto& [name, content] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

using ArrayFileTest = DataTest;

TEST_F(ArrayFileTest, RowsOfBytesArePictures) {
  for (const bool gz : {false, true}) {
    const auto path = write(gz ? "x-idx3-ubyte.gz" : "x-idx3-ubyte",
                            gz ? packed(grey_pictures()) : grey_pictures());
    const auto picture = decode_image(ArrayFile(path).row("1"));
    EXPECT_EQ(picture.width, 3);
    EXPECT_EQ(picture.height, 2);
    EXPECT_EQ(picture.data[0], 60);  // first of the second row, in red
    EXPECT_EQ(picture.data[3 * 5], 110);
  }
}

TEST_F(ArrayFileTest, PlanesAreTurnedIntoPixels) {
  Array planes(DType::kU8, {1, 3, 1, 2});  // C, H, W
  for (int i = 0; i < 6; ++i) planes.mutable_values<uint8_t>()[i] = static_cast<uint8_t>(i);
  write_npy(folder_ / "p.npy", planes);
  const auto picture = decode_image(ArrayFile(folder_ / "p.npy").row("0"));
  EXPECT_EQ(picture.width, 2);
  EXPECT_EQ(picture.height, 1);
  for (int c = 0; c < 3; ++c) {
    EXPECT_EQ(picture.data[c], 2 * c);
    EXPECT_EQ(picture.data[3 + c], 2 * c + 1);
  }
}

TEST_F(ArrayFileTest, SingleNumbersAreTextAndOtherRowsNpy) {
  const ArrayFile labels(write("y-idx1-ubyte", idx_of({3}, std::string("\x07\x00\x09", 3))));
  EXPECT_EQ(as_text(labels.row("0")), "7");
  EXPECT_EQ(as_text(labels.row("2")), "9");
  Array features(DType::kF32, {2, 3});
  for (int i = 0; i < 6; ++i) features.mutable_values<float>()[i] = static_cast<float>(i);
  write_npy(folder_ / "f.npy", features);
  const auto row = parse_npy(ArrayFile(folder_ / "f.npy").row("1"), "row");
  EXPECT_EQ(row.shape(), std::vector<int64_t>{3});
  EXPECT_EQ(row.values<float>()[2], 5.0f);
}

TEST_F(ArrayFileTest, ReadsBigEndianNumbers) {
  std::string idx{'\0', '\0', '\x0c', '\1', '\0', '\0', '\0', '\2'};
  idx += std::string("\x00\x00\x01\x02\xff\xff\xff\xfe", 8);
  const auto array = parse_idx(as_bytes(idx), "n");
  EXPECT_EQ(array.values<int32_t>()[0], 258);
  EXPECT_EQ(array.values<int32_t>()[1], -2);
}

TEST_F(ArrayFileTest, RefusesBrokenIdx) {
  const auto refuse = [&](const std::string& bytes, const std::vector<std::string>& parts) {
    const auto path = write("bad-idx3-ubyte", bytes);
    expect_error(ErrorCode::kInput, parts, [&] { ArrayFile{path}; });
  };
  refuse("GIF89a", {"bad-idx3-ubyte", "begin with 00 00"});
  refuse(std::string("\0\0\x07\1\0\0\0\0", 8), {"number type 7"});
  refuse(std::string("\0\0\x08\0", 4), {"0 axes"});
  refuse(std::string("\0\0\x08\3\0\0", 6), {"ends inside its header"});
  refuse(grey_pictures() + "x", {"[2, 2, 3]", "needs 12 bytes", "holds 13"});
  refuse(idx_of({1u << 31, 1u << 31, 1u << 31}, ""), {"too many numbers"});
  refuse("", {"begin with 00 00"});
  const auto whole = packed(grey_pictures());
  const auto cut = write("cut-idx3-ubyte.gz", whole.substr(0, whole.size() - 6));
  expect_error(ErrorCode::kInput, {"cut-idx3-ubyte.gz"}, [&] { ArrayFile{cut}; });
}

TEST_F(ArrayFileTest, NamesRowsAndArraysThatAreNotThere) {
  const ArrayFile file(write("x-idx3-ubyte", grey_pictures()));
  for (const char* row : {"2", "-1", "x", "", "1x", "99999999999999999999"}) {
    expect_error(ErrorCode::kInput, {"x-idx3-ubyte#" + std::string(row), "expected 0 .. 1"},
                 [&] { file.row(row); });
  }
  Array one(DType::kF32, {2});
  const auto npz =
      write("a.npz", zip_of({{"images.npy", format_npy(one)}, {"labels.npy", format_npy(one)}}));
  const ArrayFile arrays(npz);
  EXPECT_EQ(as_text(arrays.row("labels#1")), "0");
  expect_error(ErrorCode::kInput, {"no array 'label'", "did you mean 'labels'", "images, labels"},
               [&] { arrays.row("label#0"); });
  expect_error(ErrorCode::kInput, {"no array ''", "FILE#ARRAY#ROW"}, [&] { arrays.row("0"); });
  const auto other = write("o.npz", zip_of({{"a.txt", "x"}}));
  expect_error(ErrorCode::kInput, {"a.txt", "not an .npz"}, [&] { ArrayFile{other}; });
}

TEST_F(ArrayFileTest, AreTablesWithTheirLabels) {
  write("train-images-idx3-ubyte.gz", packed(grey_pictures()));
  write("train-labels-idx1-ubyte", idx_of({2}, "\x05\x06"));
  const auto data = open_dataset(one_manifest("train-images-idx3-ubyte.gz"),
                                 {image_field("image"), text_field("label")}, folder_);
  EXPECT_EQ(row_texts(*data),
            (std::vector<std::string>{R"({"image":"train-images-idx3-ubyte.gz#0","label":"5"})",
                                      R"({"image":"train-images-idx3-ubyte.gz#1","label":"6"})"}));
  EXPECT_EQ(data->key(1), "train-images-idx3-ubyte.gz#1");
  EXPECT_EQ(decode_image(fetch(data->values(1, 0, 0).at(0), 1000)).data[0], 60);
  write("train-labels-idx1-ubyte", idx_of({3}, "\x05\x06\x07"));
  expect_error(ErrorCode::kInput, {"'label'", "[3]", "expected 2 rows"},
               [&] { open_dataset(one_manifest("train-images-idx3-ubyte.gz"), {}, folder_); });
}

TEST_F(ArrayFileTest, AreNamedByFileAndIndexColumns) {
  write("x-idx3-ubyte", grey_pictures());
  write("a.jsonl",
        "{\"image_file\": \"x-idx3-ubyte\", \"image_index\": 1}\n"
        "{\"image_file\": \"x-idx3-ubyte#0\", \"image_index\": null}\n"
        "{\"image_file\": \"x-idx3-ubyte\", \"image_index\": 7}\n");
  const auto data = open_dataset(one_manifest("a.jsonl"), {image_field("image_file")}, folder_);
  EXPECT_EQ(decode_image(fetch(data->values(0, 0, 0).at(0), 1000)).data[0], 60);
  EXPECT_EQ(decode_image(fetch(data->values(1, 0, 0).at(0), 1000)).data[0], 0);
  expect_error(ErrorCode::kInput, {"x-idx3-ubyte#7", "expected 0 .. 1"},
               [&] { fetch(data->values(2, 0, 0).at(0), 1000); });
}

}  // namespace
}  // namespace braid::data_test
