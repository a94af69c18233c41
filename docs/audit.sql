-- An auditor's check of usage, outside the product: it reads the exported entries and finds the totals again. See docs/usage.md.
-- Tables: usage_entry, usage_allowance. Each select lists what does not add up, and is empty where everything does; the last
-- one lists the totals of each allowance.

-- A correction takes back exactly one entry of the same participant, and all of it.
select 'correction' as fault, c.name from usage_entry c left join usage_entry s on s.name = c.corrects
where c.kind = 'Correction' and c.seconds <> 0
	and (s.name is null or s.participant <> c.participant or s.seconds <> -c.seconds or s.billed_tenths <> -c.billed_tenths);

-- No entry is taken back twice.
select 'corrected twice' as fault, corrects from usage_entry
where corrects <> '' group by corrects having count(*) > 1;

-- A stay is as long as its times say, and costs every tenth of a minute that was begun.
select 'length' as fault, name from usage_entry
where kind = 'Stay' and (
	abs((julianday(ended_on) - julianday(started_on)) * 86400 - seconds) > 0.51 or billed_tenths <> (seconds + 5) / 6);

-- A stay costs its tenths at its price.
select 'cost' as fault, name from usage_entry
where kind = 'Stay' and abs(coalesce(cost, 0) - coalesce(price_per_minute, 0) * billed_tenths / 10.0) > 0.000001;

-- No second of a participant is billed twice at one provider.
select 'overlap' as fault, a.name, b.name from usage_entry a join usage_entry b
	on a.participant = b.participant and a.provider = b.provider and a.name < b.name
	and a.started_on < b.ended_on and b.started_on < a.ended_on
where a.kind = 'Stay' and b.kind = 'Stay'
	and a.name not in (select corrects from usage_entry where corrects <> '')
	and b.name not in (select corrects from usage_entry where corrects <> '');

-- The entries of a participant are numbered without a gap.
select 'gap' as fault, participant from usage_entry where room <> ''
group by participant having count(*) <> 1 + max(cast(replace(name, rtrim(name, '0123456789'), '') as integer));

-- An allowance's balances are the sums of its entries.
select 'balance' as fault, a.name from usage_allowance a
where a.used_seconds <> (select coalesce(sum(e.seconds), 0) from usage_entry e
		where a.name in (e.allowance, e.company_allowance) and e.kind in ('Stay', 'Correction'))
	or a.added_seconds <> (select coalesce(sum(e.seconds), 0) from usage_entry e
		where a.name in (e.allowance, e.company_allowance) and e.kind not in ('Stay', 'Correction'))
	or abs(a.cost - (select coalesce(sum(e.cost), 0) from usage_entry e
		where a.name in (e.allowance, e.company_allowance) and e.kind in ('Stay', 'Correction')
			and e.currency = a.currency)) > 0.0000005;

-- Totals.
select a.name, a.included_minutes * 60 + a.added_seconds as included, a.used_seconds as used, a.held_seconds as held,
	a.included_minutes * 60 + a.added_seconds - a.used_seconds - a.held_seconds as "left", round(a.cost, 6) as cost
from usage_allowance a order by a.name;
