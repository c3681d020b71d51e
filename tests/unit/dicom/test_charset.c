/* Text of every character set that DICOM knows, after the examples of PS3.5 annexes H to K; lies and garbage.
 */
#include "charset.h"

#include "dicom_files.h"
#include "file_io.h"
#include "record.h"

typedef struct {
  const char *charset, *raw, *utf8;
} Sample;

static const Sample SAMPLES[] = {
    {NULL, "Smith^John", "Smith^John"},
    {"ISO_IR 6", "Smith", "Smith"},
    {"ISO_IR 100",
     "\xC4neas^R\xFC"
     "diger",
     "Äneas^Rüdiger"},
    {"ISO-IR 100", "J\xE9r\xF4me", "Jérôme"},
    {"ISO 2022 IR 100", "J\xE9r\xF4me", "Jérôme"},
    {"ISO_IR 101", "Wa\xB3\xEAsa", "Wałęsa"},
    {"ISO_IR 109",
     "\xC6"
     "aikovski",
     "Ĉaikovski"},
    {"ISO_IR 110", "J\xE0nis", "Jānis"},
    {"ISO_IR 144", "\xBB\xEE\xDA\x63\x65\xDC\xD1\x79\x70\xD3", "Люкceмбypг"},
    {"ISO_IR 127", "\xE2\xC8\xC7\xE6\xEA^\xE4\xE6\xD2\xC7\xD1", "قباني^لنزار"},
    {"ISO_IR 126", "\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", "Διονυσιος"},
    {"ISO_IR 138", "\xF9\xF8\xE5\xEF^\xE3\xE1\xE5\xF8\xE4", "שרון^דבורה"},
    {"ISO_IR 148",
     "\xC7"
     "avu\xFE"
     "o\xF0lu",
     "Çavuşoğlu"},
    {"ISO_IR 166", "\xB9\xD2\xA1", "นาก"},
    {"ISO_IR 203",
     "\xBC"
     "uvre \xA4",
     "Œuvre €"},
    {"ISO_IR 192", "Wang^XiaoDong=王^小東", "Wang^XiaoDong=王^小東"},
    {"GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东"},
    {"GB18030", "\x81\x30\x89\x38", "ß"}, /* four bytes */
    {"GBK", "\xCD\xF5^\xD0\xA1\xB6\xAB", "王^小东"},
    {"GBK", "\x81\x5C", "乗"}, /* the second byte is no backslash */
    /* PS3.5 H.3: the alphabetic group, kanji and kana, each component with its escapes */
    {"\\ISO 2022 IR 87",
     "Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B",
     "Yamada^Tarou=山田^太郎=やまだ^たろう"},
    {"ISO 2022 IR 13\\ISO 2022 IR 87",
     "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J=\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J",
     "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"},
    {"ISO_IR 13", "\xD4\xCF\xC0\xDE", "ﾔﾏﾀﾞ"},
    {"ISO 2022 IR 6\\ISO 2022 IR 159", "\x1B$(D\x30\x21\x1B(B!", "丂!"},
    {"\\ISO 2022 IR 149",
     "Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF",
     "Hong^Gildong=洪^吉洞=홍^길동"},
    {"ISO 2022 IR 149", "\xC8\xAB", "홍"}, /* without its escape sequence */
    {"\\ISO 2022 IR 58",
     "Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB=", "Zhang^XiaoDong=张^小东="},
    {"ISO 2022 IR 100\\ISO 2022 IR 144", "J\xE9r\xF4me \x1B-L\xBB\xEE\xDA", "Jérôme Люк"},
    /* what holds first holds again after a delimiter */
    {"ISO 2022 IR 100\\ISO 2022 IR 144", "\x1B-L\xBB^\xE9", "Л^é"},
    /* undeclared: UTF-8 if it is, else Latin 1 */
    {NULL, "B\xC3\xBChler", "Bühler"},
    {NULL, "B\xFChler", "Bühler"},
    /* lies: no letter is made up */
    {"ISO_IR 192", "B\xFChler", "B\xEF\xBF\xBDhler"},
    {"ISO_IR 999", "B\xFChler", "B\xEF\xBF\xBDhler"},
    {"KLINGON", "B\xFChler", "B\xEF\xBF\xBDhler"},
    {"\\ISO 2022 IR 87", "B\xFChler", "B\xEF\xBF\xBDhler"},
    {"ISO_IR 100", "\x81", "\xEF\xBF\xBD"},
    {"ISO_IR 13", "\xE5", "\xEF\xBF\xBD"},
    {"GB18030", "\xCD", "\xEF\xBF\xBD"},
    {"GB18030",
     "\xFF\xFF"
     "a",
     "\xEF\xBF\xBD\xEF\xBF\xBD"
     "a"},
    {"\\ISO 2022 IR 87", "\x1B$B;", "\xEF\xBF\xBD"},
    {"\\ISO 2022 IR 87", "a\x1B%Gb", "a\xEF\xBF\xBD%Gb"},
    {"\\ISO 2022 IR 87", "\x1B", "\xEF\xBF\xBD"},
    {"\\ISO 2022 IR 149", "\x1B$)C\xC8", "\xEF\xBF\xBD"},
};

static void test_samples(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(SAMPLES); i++) {
    const Sample *s = &SAMPLES[i];
    g_autofree char *text = hilum_charset_to_utf8(s->raw, strlen(s->raw), s->charset, "\\^=");
    if (strcmp(text, s->utf8) != 0) g_test_message("sample %zu, %s", i, s->charset ? s->charset : "none");
    g_assert_cmpstr(text, ==, s->utf8);
  }
}

/* UTF-8 under another label is taken for what it is where the label cannot hold. */
static void test_mislabelled(void)
{
  g_autofree char *text = hilum_charset_to_utf8("\xC3\x9C", 2, "ISO_IR 100", "\\");
  g_assert_cmpstr(text, ==, "Ü");
}

/* Bytes at random under every label: always valid, never endless. */
static void test_garbage(void)
{
  static const char *const LABELS[] = {
      NULL,      "ISO_IR 13", "ISO_IR 166", "ISO_IR 127", "ISO 2022 IR 13\\ISO 2022 IR 87\\ISO 2022 IR 159",
      "GB18030", "GBK",       "ISO_IR 192", "nonsense",   "\\ISO 2022 IR 149\\ISO 2022 IR 58\\\\\\"};
  g_autoptr(GRand) rand = g_rand_new_with_seed(7);
  static const char ESCAPES[] = "\x1B$)(B-JACLID@";
  for (int round = 0; round < 4000; round++) {
    char raw[48];
    size_t n = (size_t)g_rand_int_range(rand, 0, sizeof raw);
    for (size_t i = 0; i < n; i++)
      raw[i] = g_rand_boolean(rand) ? ESCAPES[g_rand_int_range(rand, 0, sizeof ESCAPES)]
                                    : (char)g_rand_int_range(rand, 0, 256);
    g_autofree char *text = hilum_charset_to_utf8(raw, n, LABELS[round % (int)G_N_ELEMENTS(LABELS)], "\\^=");
    g_assert_true(g_utf8_validate(text, -1, NULL));
  }
}

static void test_shown_names(void)
{
  static const char *const NAMES[][2] = {
      {"Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada Tarou"},
      {"=山田^太郎", "山田 太郎"},
      {"^^=^=やまだ^たろう", "やまだ たろう"},
      {"Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams John Robert Quincy Rev. B.A. M.Div."},
      {"", ""},
      {"=", ""},
      {"====", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(NAMES); i++) {
    g_autofree char *shown = hilum_person_name_dup_shown(NAMES[i][0]);
    g_assert_cmpstr(shown, ==, NAMES[i][1]);
  }
  g_autofree char *none = hilum_person_name_dup_shown(NULL);
  g_assert_cmpstr(none, ==, "");
}

/* The character-set files of the public test data, as another reader shows them. */
static void test_real_files(void)
{
  static const char *const FILES[][2] = {
      {"chrArab", "قباني^لنزار"},
      {"chrFren", "Buc^Jérôme"},
      {"chrFrenMulti", "Buc^Jérôme"},
      {"chrGerm", "Äneas^Rüdiger"},
      {"chrGreek", "Διονυσιος"},
      {"chrH31", "Yamada^Tarou=山田^太郎=やまだ^たろう"},
      {"chrH32", "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"},
      {"chrHbrw", "שרון^דבורה"},
      {"chrI2", "Hong^Gildong=洪^吉洞=홍^길동"},
      {"chrJapMulti", "やまだ^たろう"},
      {"chrJapMultiExplicitIR6", "やまだ^たろう"},
      {"chrKoreanMulti", "김희중"},
      {"chrRuss", "Люкceмбypг"},
      {"chrX1", "Wang^XiaoDong=王^小東="},
      {"chrX2", "Wang^XiaoDong=王^小东="},
  };
  const char *root = g_getenv("HILUM_TEST_DATA");
  for (size_t i = 0; i < G_N_ELEMENTS(FILES); i++) {
    g_autofree char *path =
        g_strdup_printf("%s/pydicom/src/pydicom/data/charset_files/%s.dcm", root ? root : "", FILES[i][0]);
    int fd = root ? hilum_file_open(path) : -1;
    if (fd < 0) {
      g_test_skip("HILUM_TEST_DATA does not name a folder with these files");
      return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(HilumRecord) record = hilum_record_read(fd, path, &error);
    hilum_file_close(fd);
    g_assert_no_error(error);
    g_assert_cmpstr(hilum_record_text(record, HILUM_FIELD_PATIENT_NAME), ==, FILES[i][1]);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dicom/charset/samples", test_samples);
  g_test_add_func("/dicom/charset/mislabelled", test_mislabelled);
  g_test_add_func("/dicom/charset/garbage", test_garbage);
  g_test_add_func("/dicom/charset/shown-names", test_shown_names);
  g_test_add_func("/dicom/charset/real-files", test_real_files);
  return g_test_run();
}
