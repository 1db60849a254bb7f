//! Properties of the phone reader on arbitrary cells.

use genesy_core::phone::{ParsedPhone, Region, Regions};
use proptest::prelude::*;

/// Cells that look like phones often enough to reach the inner rules.
fn cell() -> impl Strategy<Value = String> {
    let phone_like = "[-+0-9 ()./;,|xXeE'#~\n٣７\u{A0}]{0,40}";
    let labelled =
        "(tel:|;phone-context=|;ext=|;isub=|ext|\\(0\\)|00|011|/x| or |E\\+|[+0-9 -]{1,6}){0,8}";
    prop_oneof![phone_like, labelled, any::<String>()]
}

fn regions() -> impl Strategy<Value = Regions> {
    prop::sample::select(vec!["", "ES", "US", "GB", "DE", "IT", "AR", "MX", "BR", "JP", "SM"])
        .prop_map(|code| Regions { lead: Region::new(code), default: None })
}

proptest! {
    #[test]
    fn no_cell_panics_and_raw_is_kept(cell in cell(), regions in regions()) {
        for parsed in [
            ParsedPhone::parse(&cell, &regions),
            ParsedPhone::parse_with_repairs(&cell, &regions),
        ].into_iter().flatten() {
            prop_assert_eq!(*parsed.raw.reveal(), cell.as_str());
            prop_assert!(!parsed.valid || parsed.possible);
            if let Some(rest) = parsed.rest {
                prop_assert!(cell.trim_end().ends_with(rest.reveal()));
                prop_assert!(rest.reveal().len() < cell.len());
            }
        }
    }

    #[test]
    fn a_valid_number_reads_the_same_from_its_e164_form(cell in cell(), regions in regions()) {
        if let Ok(first) = ParsedPhone::parse(&cell, &regions) && first.valid {
            let again = ParsedPhone::parse(first.e164.reveal().as_str(), &Regions::default())?;
            prop_assert_eq!(again.e164, first.e164);
            prop_assert_eq!(again.line_type, first.line_type);
            prop_assert!(again.valid);
        }
    }

    #[test]
    fn repairs_leave_valid_numbers_alone(cell in cell(), regions in regions()) {
        if let Ok(strict) = ParsedPhone::parse(&cell, &regions) && strict.valid {
            prop_assert_eq!(ParsedPhone::parse_with_repairs(&cell, &regions), Ok(strict));
        }
    }
}
