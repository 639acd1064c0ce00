//! Programs that filter captured packets: each is refused or ends, and does no harm.

use bolero::check;
use dataplane::capture::Filter;
use fuzz::Tally;
use wire::Instruction;

#[test]
fn filter_programs_end_or_are_refused() {
    let tally = Tally::new("filters::filter_programs_end_or_are_refused", "programs");
    check!().with_type::<(Vec<(u16, u8, u8, u32)>, Vec<u8>)>().for_each(|(lines, packet)| {
        tally.add(1);
        // Nearly valid programs: known codes, short jumps, a return.
        let near = |(code, jt, jf, k): &(u16, u8, u8, u32)| Instruction {
            code: code % 0xc0,
            jt: jt % 4,
            jf: jf % 4,
            k: if code % 3 == 0 { *k } else { k % 64 },
        };
        let end = Instruction { code: 6, k: 1, ..Instruction::default() };
        let program: Vec<Instruction> = lines.iter().map(near).chain([end]).collect();
        if let Ok(filter) = Filter::new(program) {
            filter.accepts(packet, packet.len());
        }
        let any = |(code, jt, jf, k): &(u16, u8, u8, u32)| Instruction { code: *code, jt: *jt, jf: *jf, k: *k };
        if let Ok(filter) = Filter::new(lines.iter().map(any).collect()) {
            filter.accepts(packet, usize::MAX);
        }
    });
}
