#pragma once

#include <string>
#include <string_view>

namespace forge::graphics {

/// UTF-8 as characters. Bytes that are none become U+FFFD, one for each.
inline std::u32string decode_utf8(std::string_view text) {
  std::u32string all;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    const int more = lead < 0x80                   ? 0
                     : lead >= 0xC2 && lead < 0xE0 ? 1
                     : (lead & 0xF0) == 0xE0       ? 2
                     : lead >= 0xF0 && lead < 0xF5 ? 3
                                                   : -1;
    char32_t character = more <= 0 ? lead : lead & (0x3F >> more);
    size_t end = i;
    bool whole = more >= 0;
    for (int k = 0; k < more && whole; ++k, ++end) {
      whole = end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80;
      if (whole) character = character << 6 | (static_cast<unsigned char>(text[end]) & 0x3F);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    whole = whole && character >= least[more] && character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
    all += whole ? character : U'\uFFFD';
    if (whole) i = end;
  }
  return all;
}

}  // namespace forge::graphics
