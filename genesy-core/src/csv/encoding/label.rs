//! The encodings a leads file may come in, and their names.

use std::fmt;

use encoding_rs as whatwg;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::codepage::Codec::{self, CodePage as Page, Whatwg};
use crate::codepage::{CP437, CP850};

/// Declares [`Encoding`] and its table in one list, the commonest encodings first.
macro_rules! encodings {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, $codec:expr; )*) => {
        /// A character encoding: those of the WHATWG Encoding Standard that can hold a file, and the
        /// two DOS code pages 850 and 437.
        ///
        /// As in the standard, `iso-8859-1` and `us-ascii` are labels of windows-1252, `iso-8859-9`
        /// of windows-1254, `tis-620` of windows-874 and `gb2312` of GBK. Its `replacement` and
        /// `x-user-defined`, which are made for browsers, are left out.
        ///
        /// It is stored by name: `"windows-1252"`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Encoding {
            $( $(#[$doc])* $variant, )*
        }

        const ALL: &[Encoding] = &[ $( Encoding::$variant, )* ];

        impl Encoding {
            /// The encoding's usual name: that of the WHATWG standard, or `cp850` and `cp437`.
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name, )* }
            }

            /// What turns its bytes into characters.
            pub(super) fn codec(self) -> Codec {
                match self { $( Self::$variant => $codec, )* }
            }
        }
    };
}

encodings! {
    /// UTF-8.
    Utf8 = "UTF-8", Whatwg(whatwg::UTF_8);
    /// Western European, as Windows and Excel write it; stands for ISO-8859-1 too.
    Windows1252 = "windows-1252", Whatwg(whatwg::WINDOWS_1252);
    /// UTF-16, little endian: Excel's "Unicode text".
    Utf16Le = "UTF-16LE", Whatwg(whatwg::UTF_16LE);
    /// UTF-16, big endian.
    Utf16Be = "UTF-16BE", Whatwg(whatwg::UTF_16BE);
    /// Central European.
    Windows1250 = "windows-1250", Whatwg(whatwg::WINDOWS_1250);
    /// Cyrillic.
    Windows1251 = "windows-1251", Whatwg(whatwg::WINDOWS_1251);
    /// Chinese (simplified); decodes as gb18030 does.
    Gbk = "GBK", Whatwg(whatwg::GBK);
    /// Japanese, as Windows and Excel write it.
    ShiftJis = "Shift_JIS", Whatwg(whatwg::SHIFT_JIS);
    /// Korean, with the extension of Windows code page 949.
    EucKr = "EUC-KR", Whatwg(whatwg::EUC_KR);
    /// Chinese (traditional), with the Hong Kong supplement.
    Big5 = "Big5", Whatwg(whatwg::BIG5);
    /// Turkish; stands for ISO-8859-9 too.
    Windows1254 = "windows-1254", Whatwg(whatwg::WINDOWS_1254);
    /// Greek.
    Windows1253 = "windows-1253", Whatwg(whatwg::WINDOWS_1253);
    /// Hebrew.
    Windows1255 = "windows-1255", Whatwg(whatwg::WINDOWS_1255);
    /// Arabic.
    Windows1256 = "windows-1256", Whatwg(whatwg::WINDOWS_1256);
    /// Baltic.
    Windows1257 = "windows-1257", Whatwg(whatwg::WINDOWS_1257);
    /// Vietnamese; tones are combining marks.
    Windows1258 = "windows-1258", Whatwg(whatwg::WINDOWS_1258);
    /// Thai; stands for ISO-8859-11 and TIS-620 too.
    Windows874 = "windows-874", Whatwg(whatwg::WINDOWS_874);
    /// Central European, as Unix wrote it.
    Iso8859_2 = "ISO-8859-2", Whatwg(whatwg::ISO_8859_2);
    /// Western European with the euro sign.
    Iso8859_15 = "ISO-8859-15", Whatwg(whatwg::ISO_8859_15);
    /// MacRoman: western European on the classic Macintosh, and in Excel for Mac.
    Macintosh = "macintosh", Whatwg(whatwg::MACINTOSH);
    /// DOS in western Europe.
    Cp850 = "cp850", Page(&CP850);
    /// DOS in the United States.
    Cp437 = "cp437", Page(&CP437);
    /// Russian, as Unix wrote it.
    Koi8R = "KOI8-R", Whatwg(whatwg::KOI8_R);
    /// Ukrainian, as Unix wrote it.
    Koi8U = "KOI8-U", Whatwg(whatwg::KOI8_U);
    /// DOS Cyrillic, also known as code page 866.
    Ibm866 = "IBM866", Whatwg(whatwg::IBM866);
    /// Japanese, as Unix wrote it.
    EucJp = "EUC-JP", Whatwg(whatwg::EUC_JP);
    /// Japanese in seven bits with escape sequences.
    Iso2022Jp = "ISO-2022-JP", Whatwg(whatwg::ISO_2022_JP);
    /// Chinese, every character of Unicode.
    Gb18030 = "gb18030", Whatwg(whatwg::GB18030);
    /// Greek, as Unix wrote it.
    Iso8859_7 = "ISO-8859-7", Whatwg(whatwg::ISO_8859_7);
    /// Cyrillic by ISO.
    Iso8859_5 = "ISO-8859-5", Whatwg(whatwg::ISO_8859_5);
    /// Hebrew by ISO, visual order.
    Iso8859_8 = "ISO-8859-8", Whatwg(whatwg::ISO_8859_8);
    /// Hebrew by ISO, logical order; the same bytes.
    Iso8859_8I = "ISO-8859-8-I", Whatwg(whatwg::ISO_8859_8_I);
    /// Arabic by ISO.
    Iso8859_6 = "ISO-8859-6", Whatwg(whatwg::ISO_8859_6);
    /// Cyrillic on the classic Macintosh.
    MacCyrillic = "x-mac-cyrillic", Whatwg(whatwg::X_MAC_CYRILLIC);
    /// Baltic by ISO.
    Iso8859_13 = "ISO-8859-13", Whatwg(whatwg::ISO_8859_13);
    /// Romanian and its neighbours.
    Iso8859_16 = "ISO-8859-16", Whatwg(whatwg::ISO_8859_16);
    /// Northern European.
    Iso8859_4 = "ISO-8859-4", Whatwg(whatwg::ISO_8859_4);
    /// Maltese and Esperanto.
    Iso8859_3 = "ISO-8859-3", Whatwg(whatwg::ISO_8859_3);
    /// Nordic.
    Iso8859_10 = "ISO-8859-10", Whatwg(whatwg::ISO_8859_10);
    /// Celtic.
    Iso8859_14 = "ISO-8859-14", Whatwg(whatwg::ISO_8859_14);
}

impl Encoding {
    /// Every encoding, the commonest first.
    pub const fn all() -> &'static [Self] {
        ALL
    }

    /// The encoding that `label` names, whatever its case and with spaces around it ignored.
    ///
    /// Knows every label of the WHATWG standard, the names of code pages 850 and 437, and the
    /// names `MacRoman`, `cp1252` and the like that Python and iconv use.
    pub fn for_label(label: &str) -> Option<Self> {
        let label = label.trim().to_ascii_lowercase();
        match label.as_str() {
            "cp850" | "ibm850" | "850" | "cspc850multilingual" => return Some(Self::Cp850),
            "cp437" | "ibm437" | "437" | "cspc8codepage437" => return Some(Self::Cp437),
            "macroman" | "mac-roman" | "mac_roman" => return Some(Self::Macintosh),
            "maccyrillic" | "mac-cyrillic" | "mac_cyrillic" => return Some(Self::MacCyrillic),
            "cp874" => return Some(Self::Windows874),
            "cp932" => return Some(Self::ShiftJis),
            "cp936" => return Some(Self::Gbk),
            "cp949" => return Some(Self::EucKr),
            "cp950" => return Some(Self::Big5),
            _ => {}
        }
        let found = whatwg::Encoding::for_label_no_replacement(label.as_bytes())?;
        ALL.iter().copied().find(
            |encoding| matches!(encoding.codec(), Whatwg(known) if std::ptr::eq(known, found)),
        )
    }

    /// Whether one byte is one character, and bytes below 0x80 are ASCII.
    pub fn is_single_byte(self) -> bool {
        match self.codec() {
            Whatwg(encoding) => encoding.is_single_byte(),
            Page(_) => true,
        }
    }

    /// Whether bytes can be malformed in it: whether there are some that stand for no character.
    pub(crate) fn can_be_malformed(self) -> bool {
        !self.is_single_byte()
            || (0x80..=u8::MAX).any(|byte| self.codec().decode_byte(byte).is_none())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        Self::for_label(&label).ok_or_else(|| D::Error::custom("unknown encoding label"))
    }
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn names_are_labels_of_themselves() {
        for &encoding in Encoding::all() {
            assert_eq!(Encoding::for_label(encoding.name()), Some(encoding));
            let stored = serde_json::to_string(&encoding).unwrap();
            assert_eq!(serde_json::from_str::<Encoding>(&stored).unwrap(), encoding);
        }
    }

    #[test]
    fn labels_of_the_standard_and_of_others() {
        for (label, encoding) in [
            ("latin1", Encoding::Windows1252),
            (" ISO-8859-9 ", Encoding::Windows1254),
            ("IBM850", Encoding::Cp850),
            ("MacRoman", Encoding::Macintosh),
            ("utf-16", Encoding::Utf16Le),
            ("sjis", Encoding::ShiftJis),
        ] {
            assert_eq!(Encoding::for_label(label), Some(encoding), "{label}");
        }
        assert_eq!(Encoding::for_label("replacement"), None);
        assert_eq!(Encoding::for_label("klingon"), None);
    }
}
