CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.allowance_holds (
    task_id character varying(32) NOT NULL,
    person_id bigint NOT NULL,
    guild_id bigint,
    state character varying(16) NOT NULL,
    made_at bigint NOT NULL,
    ended_at bigint,
    grant_id integer
);
CREATE TABLE public.audit (
    id integer NOT NULL,
    guild_id bigint NOT NULL,
    at bigint NOT NULL,
    by_id bigint NOT NULL,
    action character varying(16) NOT NULL,
    subject_id bigint,
    before text NOT NULL,
    after text NOT NULL
);
CREATE SEQUENCE public.audit_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_id_seq OWNED BY public.audit.id;
CREATE TABLE public.budget_warnings (
    id integer NOT NULL,
    budget character varying(16) NOT NULL,
    guild_id bigint NOT NULL,
    person_id bigint NOT NULL,
    period_start bigint NOT NULL,
    percent integer NOT NULL,
    "limit" bigint NOT NULL,
    counted bigint NOT NULL,
    at bigint NOT NULL,
    told_at bigint
);
CREATE SEQUENCE public.budget_warnings_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.budget_warnings_id_seq OWNED BY public.budget_warnings.id;
CREATE TABLE public.charges (
    id integer NOT NULL,
    model character varying(64) NOT NULL,
    resolution character varying(16) NOT NULL,
    cost bigint NOT NULL,
    at bigint NOT NULL
);
CREATE SEQUENCE public.charges_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.charges_id_seq OWNED BY public.charges.id;
CREATE TABLE public.default_notices (
    guild_id bigint NOT NULL,
    version character varying(16) NOT NULL,
    told_at bigint
);
CREATE TABLE public.durations (
    model character varying(64) NOT NULL,
    resolution character varying(16) NOT NULL,
    learned text NOT NULL
);
CREATE TABLE public.gateways (
    owner character varying(64) NOT NULL,
    shard_ids text,
    shard_count integer,
    lease_until bigint NOT NULL
);
CREATE TABLE public.grants (
    id integer NOT NULL,
    guild_id bigint NOT NULL,
    person_id bigint NOT NULL,
    videos integer NOT NULL,
    made_at bigint NOT NULL,
    expires_at bigint,
    by_id bigint NOT NULL
);
CREATE SEQUENCE public.grants_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.grants_id_seq OWNED BY public.grants.id;
CREATE TABLE public.guilds (
    guild_id bigint NOT NULL,
    videos integer,
    quota_window character varying(16),
    budget_day bigint,
    budget_month bigint,
    budget_person_month bigint,
    channels text,
    resolution character varying(16),
    watermark boolean,
    spoiler boolean,
    moderator_role_id bigint,
    log_channel_id bigint,
    blocked_words text,
    announce boolean,
    language character varying(16),
    count_charged_failures boolean,
    others_pictures character varying(16)
);
CREATE TABLE public.late_edits (
    task_id character varying(32) NOT NULL,
    made_at bigint NOT NULL,
    due_at bigint NOT NULL
);
CREATE TABLE public.members (
    guild_id bigint NOT NULL,
    person_id bigint NOT NULL,
    videos integer,
    reset_at bigint,
    blocked_at bigint,
    blocked_by_id bigint,
    blocked_reason text
);
CREATE TABLE public.menu_forms (
    message_id bigint NOT NULL,
    person_id bigint NOT NULL,
    pictures text NOT NULL,
    made_at bigint NOT NULL
);
CREATE TABLE public.money_holds (
    task_id character varying(32) NOT NULL,
    person_id bigint NOT NULL,
    guild_id bigint,
    state character varying(16) NOT NULL,
    estimate bigint NOT NULL,
    settled bigint,
    made_at bigint NOT NULL,
    ended_at bigint
);
CREATE TABLE public.picture_choices (
    person_id bigint NOT NULL,
    pictures character varying(16) NOT NULL
);
CREATE TABLE public.picture_questions (
    id character varying(32) NOT NULL,
    person_id bigint NOT NULL,
    author_id bigint NOT NULL,
    guild_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    picture character varying(64) NOT NULL,
    request text NOT NULL,
    made_at bigint NOT NULL
);
CREATE TABLE public.processes (
    owner character varying(64) NOT NULL,
    lease_until bigint NOT NULL
);
CREATE TABLE public.provider_standing (
    id integer NOT NULL,
    closure character varying(16),
    said character varying(16),
    accepted_at bigint,
    probe_at bigint,
    probe_after_seconds integer NOT NULL,
    quiet_until bigint,
    model character varying(64),
    since bigint,
    suspect character varying(32),
    unclear integer DEFAULT 0 NOT NULL
);
CREATE SEQUENCE public.provider_standing_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.provider_standing_id_seq OWNED BY public.provider_standing.id;
CREATE TABLE public.request_forms (
    address character varying(500) NOT NULL,
    model character varying(64) NOT NULL,
    form character varying(16) NOT NULL
);
CREATE TABLE public.role_limits (
    guild_id bigint NOT NULL,
    role_id bigint NOT NULL,
    videos integer NOT NULL
);
CREATE TABLE public.second_copies (
    id integer NOT NULL,
    seen_at bigint NOT NULL
);
CREATE TABLE public.spending_pause (
    id integer NOT NULL,
    paused_at bigint,
    resumed_at bigint
);
CREATE TABLE public.spent (
    period character varying(10) NOT NULL,
    guild_id bigint NOT NULL,
    person_id bigint NOT NULL,
    settled bigint NOT NULL
);
CREATE TABLE public.tasks (
    id character varying(32) NOT NULL,
    state character varying(16) NOT NULL,
    owner character varying(64),
    epoch integer NOT NULL,
    model character varying(64) NOT NULL,
    frame_digest character varying(64) NOT NULL,
    frame_mime character varying(32) NOT NULL,
    frame_bytes bigint NOT NULL,
    frame_width integer NOT NULL,
    frame_height integer NOT NULL,
    prompt text NOT NULL,
    negative_prompt text,
    resolution character varying(16) NOT NULL,
    seed bigint NOT NULL,
    prompt_extend boolean NOT NULL,
    watermark boolean NOT NULL,
    spoiler boolean NOT NULL,
    mended text NOT NULL,
    person_id bigint NOT NULL,
    person_name text NOT NULL,
    person_role_ids text NOT NULL,
    person_locale character varying(16) NOT NULL,
    guild_id bigint,
    channel_id bigint,
    message_id bigint,
    filesize_limit bigint NOT NULL,
    locale character varying(16) NOT NULL,
    door character varying(16) NOT NULL,
    parent_id character varying(32),
    estimate bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    not_before bigint,
    provider_id text,
    progress double precision,
    video_url text,
    cost bigint,
    discount character varying(40),
    failure_kind character varying(16),
    failure_code text,
    failure_message text,
    answer text,
    submitted_at bigint,
    rendered_at bigint,
    ended_at bigint,
    delivery_rung integer NOT NULL,
    delivery_attempts integer NOT NULL,
    delivery_tried_at bigint,
    result_channel_id bigint,
    result_message_id bigint,
    late_told boolean NOT NULL,
    announced boolean NOT NULL,
    source_channel_id bigint,
    source_message_id bigint,
    source_number integer,
    age_restricted boolean DEFAULT false NOT NULL,
    reachable boolean DEFAULT true NOT NULL,
    link_guild_id bigint,
    unsaid boolean DEFAULT false NOT NULL,
    counted boolean DEFAULT false NOT NULL,
    provider_word character varying(64),
    interaction_id bigint,
    interaction_number integer DEFAULT 0 NOT NULL,
    source_url text,
    source_name text,
    source_bytes bigint,
    picture_owner_id bigint
);
ALTER TABLE ONLY public.audit ALTER COLUMN id SET DEFAULT nextval('public.audit_id_seq'::regclass);
ALTER TABLE ONLY public.budget_warnings ALTER COLUMN id SET DEFAULT nextval('public.budget_warnings_id_seq'::regclass);
ALTER TABLE ONLY public.charges ALTER COLUMN id SET DEFAULT nextval('public.charges_id_seq'::regclass);
ALTER TABLE ONLY public.grants ALTER COLUMN id SET DEFAULT nextval('public.grants_id_seq'::regclass);
ALTER TABLE ONLY public.provider_standing ALTER COLUMN id SET DEFAULT nextval('public.provider_standing_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0017');
INSERT INTO public.allowance_holds VALUES ('3zq43zpmsn', 700000000000000003, 700000000000000001, 'used', 1795888520671755, 1795888521955021, NULL);
INSERT INTO public.allowance_holds VALUES ('9kpkhzcag2', 700000000000000003, 700000000000000001, 'used', 1795888518590357, 1795888519963599, NULL);
INSERT INTO public.allowance_holds VALUES ('cgz2pvgdgu', 700000000000000004, 700000000000000001, 'held', 1795888539524927, NULL, NULL);
INSERT INTO public.allowance_holds VALUES ('eshhaa4mqj', 700000000000000004, 700000000000000001, 'held', 1795888535216846, NULL, NULL);
INSERT INTO public.allowance_holds VALUES ('h2cafvhsew', 700000000000000004, 700000000000000001, 'used', 1795888522218506, 1795888523518958, NULL);
INSERT INTO public.allowance_holds VALUES ('hq8xxqpskq', 700000000000000003, 700000000000000001, 'returned', 1795888535301465, 1795888538363162, NULL);
INSERT INTO public.allowance_holds VALUES ('kcj2utdrs8', 700000000000000004, 700000000000000001, 'returned', 1795888530598448, 1795888530634053, NULL);
INSERT INTO public.allowance_holds VALUES ('kfvb2kyh2p', 700000000000000003, 700000000000000001, 'held', 1795888539467878, NULL, NULL);
INSERT INTO public.allowance_holds VALUES ('n7u5xmctbf', 700000000000000003, 700000000000000001, 'used', 1795888530756511, 1795888532021624, NULL);
INSERT INTO public.allowance_holds VALUES ('qqmebq4yrz', 700000000000000004, 700000000000000001, 'used', 1795888527756589, 1795888529061900, NULL);
INSERT INTO public.allowance_holds VALUES ('yqa7fpw5a9', 700000000000000003, 700000000000000001, 'returned', 1795888529206440, 1795888530483278, NULL);
INSERT INTO public.audit VALUES (1, 700000000000000001, 1795888518136740, 700000000000000005, 'settings', NULL, '{"log_channel_id": null, "blocked_words": [], "announce": true}', '{"log_channel_id": 700000000000000002, "blocked_words": ["slow train", "rust"], "announce": false}');
INSERT INTO public.audit VALUES (2, 700000000000000001, 1795888518208251, 700000000000000005, 'server', NULL, '{"videos": null, "window": null, "budget_usd_day": null, "budget_usd_month": null}', '{"videos": 12, "window": "week", "budget_usd_day": "5.00", "budget_usd_month": "15.00"}');
INSERT INTO public.audit VALUES (3, 700000000000000001, 1795888518240239, 700000000000000005, 'set', 700000000000000004, '{"videos": null}', '{"videos": 20}');
INSERT INTO public.audit VALUES (4, 700000000000000001, 1795888518291610, 700000000000000005, 'grant', 700000000000000003, '{"bonus": 0}', '{"bonus": 2, "granted": 2, "expires_at": 1798480518}');
INSERT INTO public.audit VALUES (5, 700000000000000001, 1795888518341598, 700000000000000005, 'role', 700000000000000007, '{"videos": null}', '{"videos": 15}');
INSERT INTO public.audit VALUES (6, 700000000000000001, 1795888518393932, 700000000000000005, 'block', 700000000000000006, '{"blocked": false, "reason": null}', '{"blocked": true, "reason": "spam in @everyone"}');
INSERT INTO public.charges VALUES (1, 'wan22_i2v_flash', '720P', 250000, 1795888519963599);
INSERT INTO public.charges VALUES (2, 'wan22_i2v_flash', '480P', 100000, 1795888521955021);
INSERT INTO public.charges VALUES (3, 'wan22_i2v_flash', '720P', 250000, 1795888523518958);
INSERT INTO public.charges VALUES (4, 'wan22_i2v_flash', '720P', 250000, 1795888529061900);
INSERT INTO public.charges VALUES (5, 'wan22_i2v_flash', '720P', 250000, 1795888532021624);
INSERT INTO public.durations VALUES ('wan22_i2v_flash', '480P', '{"ratio": 1.07, "known": 1, "thrift": 1.0015854098028238, "bins": {"0": [0.424, 0.961], "1": [0.1679, 0.034], "2": [0.1796, 0.024], "3": [0.1922, 0.011], "4": [0.0363, 0.0]}}');
INSERT INTO public.durations VALUES ('wan22_i2v_flash', '720P', '{"ratio": 1.07, "known": 5, "thrift": 1.0162168154070745, "bins": {"0": [1.6932, 4.783], "1": [0.8503, 0.2], "2": [0.9099, 0.148], "3": [0.9735, 0.083], "4": [0.5202, 0.017], "5": [0.0267, 0.0]}}');
INSERT INTO public.grants VALUES (1, 700000000000000001, 700000000000000003, 2, 1795888518291610, 1798480518291610, 700000000000000005);
INSERT INTO public.guilds VALUES (700000000000000001, 12, 'week', 5000000, 15000000, NULL, '[]', NULL, false, false, NULL, 700000000000000002, '["slow train", "rust"]', false, NULL, true, 'anyone');
INSERT INTO public.members VALUES (700000000000000001, 700000000000000004, 20, NULL, NULL, NULL, NULL);
INSERT INTO public.members VALUES (700000000000000001, 700000000000000006, NULL, NULL, 1795888518393932, 700000000000000005, 'spam in @everyone');
INSERT INTO public.money_holds VALUES ('3zq43zpmsn', 700000000000000003, 700000000000000001, 'settled', 100000, 100000, 1795888520671755, 1795888521955021);
INSERT INTO public.money_holds VALUES ('9kpkhzcag2', 700000000000000003, 700000000000000001, 'settled', 200000, 250000, 1795888518590357, 1795888519963599);
INSERT INTO public.money_holds VALUES ('cgz2pvgdgu', 700000000000000004, 700000000000000001, 'held', 100000, NULL, 1795888539524927, NULL);
INSERT INTO public.money_holds VALUES ('eshhaa4mqj', 700000000000000004, 700000000000000001, 'held', 250000, NULL, 1795888535216846, NULL);
INSERT INTO public.money_holds VALUES ('h2cafvhsew', 700000000000000004, 700000000000000001, 'settled', 250000, 250000, 1795888522218506, 1795888523518958);
INSERT INTO public.money_holds VALUES ('hq8xxqpskq', 700000000000000003, 700000000000000001, 'released', 250000, NULL, 1795888535301465, 1795888538363162);
INSERT INTO public.money_holds VALUES ('kcj2utdrs8', 700000000000000004, 700000000000000001, 'held', 250000, NULL, 1795888530598448, NULL);
INSERT INTO public.money_holds VALUES ('kfvb2kyh2p', 700000000000000003, 700000000000000001, 'held', 250000, NULL, 1795888539467878, NULL);
INSERT INTO public.money_holds VALUES ('n7u5xmctbf', 700000000000000003, 700000000000000001, 'settled', 250000, 250000, 1795888530756511, 1795888532021624);
INSERT INTO public.money_holds VALUES ('qqmebq4yrz', 700000000000000004, 700000000000000001, 'settled', 250000, 250000, 1795888527756589, 1795888529061900);
INSERT INTO public.money_holds VALUES ('yqa7fpw5a9', 700000000000000003, 700000000000000001, 'released', 250000, NULL, 1795888529206440, 1795888530483278);
INSERT INTO public.picture_choices VALUES (700000000000000004, 'nobody');
INSERT INTO public.provider_standing VALUES (1, NULL, NULL, NULL, NULL, 300, NULL, NULL, NULL, NULL, 0);
INSERT INTO public.request_forms VALUES ('http://127.0.0.1:9000', 'wan22_i2v_flash', 'wrapped');
INSERT INTO public.role_limits VALUES (700000000000000001, 700000000000000007, 15);
INSERT INTO public.spent VALUES ('2026-11', -1, -1, 1100000);
INSERT INTO public.spent VALUES ('2026-11', 700000000000000001, -1, 1100000);
INSERT INTO public.spent VALUES ('2026-11', 700000000000000001, 700000000000000003, 600000);
INSERT INTO public.spent VALUES ('2026-11', 700000000000000001, 700000000000000004, 500000);
INSERT INTO public.spent VALUES ('2026-11-28', 700000000000000001, -1, 1100000);
INSERT INTO public.tasks VALUES ('3zq43zpmsn', 'delivered', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'a kite climbs', NULL, '480P', 446307434, true, false, true, '[]', 700000000000000003, 'Ada', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295446567976960, 10485760, 'en-US', 'slash', NULL, 100000, 1795888520671755, 1795888522059208, NULL, 'task-3b990dfee8da6070', 1, 'http://127.0.0.1:9000/files/job-b1c60b5fc1c0.mp4?expires=1795974921&sig=0', 100000, '0.0', NULL, NULL, NULL, '{"id": "task-3b990dfee8da6070", "status": "completed", "created_at": 1795888520, "metadata": {"resolution": "480P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-b1c60b5fc1c0.mp4?expires=1795974921&sig=0", "jobId": "job-b1c60b5fc1c0", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.10"}}', 1795888520714491, 1795888521955021, 1795888522059208, 1, 1, 1795888522009454, 700000000000000002, 1576295446567976960, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295446547005441, 0, NULL, NULL, NULL, 700000000000000003);
INSERT INTO public.tasks VALUES ('9kpkhzcag2', 'delivered', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'waves roll in', 'rain', '720P', 41, true, false, false, '[]', 700000000000000003, 'Ada', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295437638303744, 10485760, 'en-US', 'slash', NULL, 200000, 1795888518590357, 1795888520339369, NULL, 'task-03e329c4769374c3', 1, 'http://127.0.0.1:9000/files/job-0e3af9e0fc5d.mp4?expires=1795974919&sig=0', 250000, '0.0', NULL, NULL, NULL, '{"id": "task-03e329c4769374c3", "status": "completed", "created_at": 1795888518, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-0e3af9e0fc5d.mp4?expires=1795974919&sig=0", "jobId": "job-0e3af9e0fc5d", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}', 1795888518641386, 1795888519963599, 1795888520339369, 1, 1, 1795888519986317, 700000000000000002, 1576295437638303744, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295437567000576, 0, NULL, NULL, NULL, 700000000000000003);
INSERT INTO public.tasks VALUES ('cgz2pvgdgu', 'queued', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'leaves drift down', NULL, '480P', 496269745, true, false, false, '[]', 700000000000000004, 'Grace', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295525693521920, 10485760, 'en-US', 'slash', NULL, 100000, 1795888539524927, 1795888541211903, 1795888544574764, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, NULL, NULL, NULL, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295525685133313, 0, NULL, NULL, NULL, 700000000000000004);
INSERT INTO public.tasks VALUES ('eshhaa4mqj', 'running', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'the tide turns', NULL, '720P', 380391728, true, false, false, '[]', 700000000000000004, 'Grace', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295507616071680, 10485760, 'en-US', 'slash', NULL, 250000, 1795888535216846, 1795888535242425, NULL, 'task-of-the-running-one', 0.44, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795888535225771, NULL, NULL, 1, 0, NULL, NULL, NULL, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295507523796993, 0, NULL, NULL, NULL, 700000000000000004);
INSERT INTO public.tasks VALUES ('h2cafvhsew', 'delivered', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'snow falls', NULL, '720P', 1722280180, true, true, false, '[]', 700000000000000004, 'Grace', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295452888793088, 10485760, 'en-US', 'slash', NULL, 250000, 1795888522218506, 1795888524642976, NULL, 'task-be13fba0cd3126a7', 1, 'http://127.0.0.1:9000/files/job-29dda77fd99a.mp4?expires=1795974923&sig=0', 250000, '0.0', NULL, NULL, NULL, '{"id": "task-be13fba0cd3126a7", "status": "completed", "created_at": 1795888522, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-29dda77fd99a.mp4?expires=1795974923&sig=0", "jobId": "job-29dda77fd99a", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}', 1795888522270813, 1795888523518958, 1795888524642976, 1, 1, 1795888523558314, 700000000000000002, 1576295452888793088, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295452859432961, 0, NULL, NULL, NULL, 700000000000000004);
INSERT INTO public.tasks VALUES ('hq8xxqpskq', 'cancelled', NULL, 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'never mind', NULL, '720P', 1266276626, true, false, false, '[]', 700000000000000003, 'Ada', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295508010336256, 10485760, 'en-US', 'slash', NULL, 250000, 1795888535301465, 1795888538363162, 1795888539885165, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1795888538363162, 1, 0, NULL, NULL, NULL, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295507997753345, 0, NULL, NULL, NULL, 700000000000000003);
INSERT INTO public.tasks VALUES ('kcj2utdrs8', 'unknown', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'a lost answer', NULL, '720P', 286268174, true, false, false, '[]', 700000000000000004, 'Grace', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295488200638464, 10485760, 'en-US', 'slash', NULL, 250000, 1795888530598448, 1795888530698077, NULL, NULL, NULL, NULL, NULL, NULL, 'generation', NULL, 'ClientOSError: [Errno 104] Connection reset by peer', NULL, 1795888530610347, NULL, NULL, 1, 0, NULL, NULL, NULL, false, true, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295488154501121, 0, NULL, NULL, NULL, 700000000000000004);
INSERT INTO public.tasks VALUES ('kfvb2kyh2p', 'queued', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'a boat sets sail', NULL, '720P', 7, true, false, false, '[]', 700000000000000003, 'Ada', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295525290868736, 10485760, 'en-US', 'slash', NULL, 250000, 1795888539467878, 1795888541223776, 1795888544677657, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, 0, NULL, NULL, NULL, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295525269897217, 0, NULL, NULL, NULL, 700000000000000003);
INSERT INTO public.tasks VALUES ('n7u5xmctbf', 'undelivered', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'nobody sees this', NULL, '720P', 547091407, true, false, false, '[]', 700000000000000003, 'Ada', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295488729120768, 10485760, 'en-US', 'slash', NULL, 250000, 1795888530756511, 1795888535155523, NULL, 'task-2a0b54ebac26547d', 1, 'http://127.0.0.1:9000/files/job-4ddb143451c3.mp4?expires=1795974931&sig=0', 250000, '0.0', NULL, NULL, NULL, '{"id": "task-2a0b54ebac26547d", "status": "completed", "created_at": 1795888530, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-4ddb143451c3.mp4?expires=1795974931&sig=0", "jobId": "job-4ddb143451c3", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}', 1795888530769506, 1795888532021624, 1795888535121856, 4, 1, 1795888535103362, NULL, NULL, false, true, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295488695566337, 0, NULL, NULL, NULL, 700000000000000003);
INSERT INTO public.tasks VALUES ('qqmebq4yrz', 'delivered', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'waves roll in', 'rain', '720P', 1170022400, true, false, false, '[]', 700000000000000004, 'Grace', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295476360118272, 10485760, 'en-US', 'new_seed', '9kpkhzcag2', 250000, 1795888527756589, 1795888529131846, NULL, 'task-267277545c02b61b', 1, 'http://127.0.0.1:9000/files/job-664c2451a9e8.mp4?expires=1795974928&sig=0', 250000, '0.0', NULL, NULL, NULL, '{"id": "task-267277545c02b61b", "status": "completed", "created_at": 1795888527, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-664c2451a9e8.mp4?expires=1795974928&sig=0", "jobId": "job-664c2451a9e8", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}', 1795888527784730, 1795888529061900, 1795888529131846, 1, 1, 1795888529105374, 700000000000000002, 1576295476360118272, false, false, NULL, NULL, NULL, false, true, NULL, false, false, NULL, NULL, 0, NULL, NULL, NULL, 700000000000000003);
INSERT INTO public.tasks VALUES ('yqa7fpw5a9', 'failed', 'run-94d5f92c47a9', 0, 'wan22_i2v_flash', '65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802', 'image/png', 916, 360, 360, 'something rude', NULL, '720P', 1172599528, true, false, false, '[]', 700000000000000003, 'Ada', '[700000000000000001]', 'en-US', 700000000000000001, 700000000000000002, 1576295482433470464, 10485760, 'en-US', 'slash', NULL, 250000, 1795888529206440, 1795888530530834, NULL, 'task-bd91eff398738b20', 0.65, NULL, NULL, NULL, 'moderated', 'DataInspectionFailed', 'inappropriate content', '{"id": "task-bd91eff398738b20", "status": "failed", "created_at": 1795888529, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "error": {"code": "DataInspectionFailed", "message": "inappropriate content"}}', 1795888529226730, NULL, 1795888530483278, 1, 0, NULL, NULL, NULL, false, true, NULL, NULL, NULL, false, true, NULL, false, false, NULL, 1576295482391527425, 0, NULL, NULL, NULL, 700000000000000003);
SELECT pg_catalog.setval('public.audit_id_seq', 6, true);
SELECT pg_catalog.setval('public.budget_warnings_id_seq', 1, false);
SELECT pg_catalog.setval('public.charges_id_seq', 5, true);
SELECT pg_catalog.setval('public.grants_id_seq', 1, true);
SELECT pg_catalog.setval('public.provider_standing_id_seq', 1, false);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.allowance_holds
    ADD CONSTRAINT pk_allowance_holds PRIMARY KEY (task_id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (id);
ALTER TABLE ONLY public.budget_warnings
    ADD CONSTRAINT pk_budget_warnings PRIMARY KEY (id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT pk_charges PRIMARY KEY (id);
ALTER TABLE ONLY public.default_notices
    ADD CONSTRAINT pk_default_notices PRIMARY KEY (guild_id, version);
ALTER TABLE ONLY public.durations
    ADD CONSTRAINT pk_durations PRIMARY KEY (model, resolution);
ALTER TABLE ONLY public.gateways
    ADD CONSTRAINT pk_gateways PRIMARY KEY (owner);
ALTER TABLE ONLY public.grants
    ADD CONSTRAINT pk_grants PRIMARY KEY (id);
ALTER TABLE ONLY public.guilds
    ADD CONSTRAINT pk_guilds PRIMARY KEY (guild_id);
ALTER TABLE ONLY public.late_edits
    ADD CONSTRAINT pk_late_edits PRIMARY KEY (task_id);
ALTER TABLE ONLY public.members
    ADD CONSTRAINT pk_members PRIMARY KEY (guild_id, person_id);
ALTER TABLE ONLY public.menu_forms
    ADD CONSTRAINT pk_menu_forms PRIMARY KEY (message_id, person_id);
ALTER TABLE ONLY public.money_holds
    ADD CONSTRAINT pk_money_holds PRIMARY KEY (task_id);
ALTER TABLE ONLY public.picture_choices
    ADD CONSTRAINT pk_picture_choices PRIMARY KEY (person_id);
ALTER TABLE ONLY public.picture_questions
    ADD CONSTRAINT pk_picture_questions PRIMARY KEY (id);
ALTER TABLE ONLY public.processes
    ADD CONSTRAINT pk_processes PRIMARY KEY (owner);
ALTER TABLE ONLY public.provider_standing
    ADD CONSTRAINT pk_provider_standing PRIMARY KEY (id);
ALTER TABLE ONLY public.request_forms
    ADD CONSTRAINT pk_request_forms PRIMARY KEY (address, model);
ALTER TABLE ONLY public.role_limits
    ADD CONSTRAINT pk_role_limits PRIMARY KEY (guild_id, role_id);
ALTER TABLE ONLY public.second_copies
    ADD CONSTRAINT pk_second_copies PRIMARY KEY (id);
ALTER TABLE ONLY public.spending_pause
    ADD CONSTRAINT pk_spending_pause PRIMARY KEY (id);
ALTER TABLE ONLY public.spent
    ADD CONSTRAINT pk_spent PRIMARY KEY (period, guild_id, person_id);
ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT pk_tasks PRIMARY KEY (id);
ALTER TABLE ONLY public.budget_warnings
    ADD CONSTRAINT uq_budget_warnings_once UNIQUE (budget, guild_id, person_id, period_start, percent);
CREATE INDEX ix_allowance_holds_grant_id_state ON public.allowance_holds USING btree (grant_id, state);
CREATE INDEX ix_allowance_holds_window ON public.allowance_holds USING btree (person_id, made_at, guild_id, state, grant_id);
CREATE INDEX ix_audit_guild_id_id ON public.audit USING btree (guild_id, id);
CREATE INDEX ix_audit_guild_id_subject_id_id ON public.audit USING btree (guild_id, subject_id, id);
CREATE INDEX ix_budget_warnings_told_at_id ON public.budget_warnings USING btree (told_at, id);
CREATE INDEX ix_charges_model_resolution_id ON public.charges USING btree (model, resolution, id);
CREATE INDEX ix_default_notices_told_at ON public.default_notices USING btree (told_at);
CREATE INDEX ix_grants_guild_id_person_id ON public.grants USING btree (guild_id, person_id);
CREATE INDEX ix_menu_forms_made_at ON public.menu_forms USING btree (made_at);
CREATE INDEX ix_menu_forms_person_id_made_at ON public.menu_forms USING btree (person_id, made_at);
CREATE INDEX ix_money_holds_sums ON public.money_holds USING btree (state, made_at, guild_id, person_id, settled, estimate);
CREATE INDEX ix_picture_questions_made_at ON public.picture_questions USING btree (made_at);
CREATE INDEX ix_tasks_created_at ON public.tasks USING btree (created_at);
CREATE INDEX ix_tasks_frame_digest_created_at ON public.tasks USING btree (frame_digest, created_at);
CREATE INDEX ix_tasks_guild_id_created_at ON public.tasks USING btree (guild_id, created_at);
CREATE INDEX ix_tasks_others_picture ON public.tasks USING btree (picture_owner_id) WHERE (picture_owner_id <> person_id);
CREATE INDEX ix_tasks_parent_id ON public.tasks USING btree (parent_id);
CREATE INDEX ix_tasks_person_id_created_at ON public.tasks USING btree (person_id, created_at);
CREATE INDEX ix_tasks_person_id_state ON public.tasks USING btree (person_id, state);
CREATE INDEX ix_tasks_provider_id ON public.tasks USING btree (provider_id);
CREATE INDEX ix_tasks_result_message_id ON public.tasks USING btree (result_message_id);
CREATE INDEX ix_tasks_state_owner ON public.tasks USING btree (state, owner);
CREATE INDEX ix_tasks_unsaid ON public.tasks USING btree (person_id) WHERE unsaid;
CREATE UNIQUE INDEX uq_picture_questions_picture ON public.picture_questions USING btree (person_id, picture);
CREATE UNIQUE INDEX uq_tasks_interaction ON public.tasks USING btree (interaction_id, interaction_number);
ALTER TABLE ONLY public.allowance_holds
    ADD CONSTRAINT fk_allowance_holds_task_id_tasks FOREIGN KEY (task_id) REFERENCES public.tasks(id);
ALTER TABLE ONLY public.late_edits
    ADD CONSTRAINT fk_late_edits_task_id_tasks FOREIGN KEY (task_id) REFERENCES public.tasks(id);
ALTER TABLE ONLY public.money_holds
    ADD CONSTRAINT fk_money_holds_task_id_tasks FOREIGN KEY (task_id) REFERENCES public.tasks(id);
