-- The visits of a person are looked up by the person: timeline, access, erasure.
CREATE INDEX visit_member_by_customer ON visit_member (unit_id, customer_id);
