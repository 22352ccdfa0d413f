CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE allowance_holds (
	task_id VARCHAR(32) NOT NULL, 
	person_id BIGINT NOT NULL, 
	guild_id BIGINT, 
	state VARCHAR(16) NOT NULL, 
	made_at BIGINT NOT NULL, 
	ended_at BIGINT, grant_id INTEGER, 
	CONSTRAINT pk_allowance_holds PRIMARY KEY (task_id), 
	CONSTRAINT fk_allowance_holds_task_id_tasks FOREIGN KEY(task_id) REFERENCES tasks (id)
);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	guild_id BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	by_id BIGINT NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	subject_id BIGINT, 
	"before" TEXT NOT NULL, 
	"after" TEXT NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE TABLE budget_warnings (
	id INTEGER NOT NULL, 
	budget VARCHAR(16) NOT NULL, 
	guild_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	period_start BIGINT NOT NULL, 
	percent INTEGER NOT NULL, 
	"limit" BIGINT NOT NULL, 
	counted BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	told_at BIGINT, 
	CONSTRAINT pk_budget_warnings PRIMARY KEY (id), 
	CONSTRAINT uq_budget_warnings_once UNIQUE (budget, guild_id, person_id, period_start, percent)
);
CREATE TABLE charges (
	id INTEGER NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	resolution VARCHAR(16) NOT NULL, 
	cost BIGINT NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_charges PRIMARY KEY (id)
);
CREATE TABLE default_notices (
	guild_id BIGINT NOT NULL, 
	version VARCHAR(16) NOT NULL, 
	told_at BIGINT, 
	CONSTRAINT pk_default_notices PRIMARY KEY (guild_id, version)
);
CREATE TABLE durations (
	model VARCHAR(64) NOT NULL, 
	resolution VARCHAR(16) NOT NULL, 
	learned TEXT NOT NULL, 
	CONSTRAINT pk_durations PRIMARY KEY (model, resolution)
);
CREATE TABLE gateways (
	owner VARCHAR(64) NOT NULL, 
	shard_ids TEXT, 
	shard_count INTEGER, 
	lease_until BIGINT NOT NULL, 
	CONSTRAINT pk_gateways PRIMARY KEY (owner)
);
CREATE TABLE grants (
	id INTEGER NOT NULL, 
	guild_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	videos INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	expires_at BIGINT, 
	by_id BIGINT NOT NULL, 
	CONSTRAINT pk_grants PRIMARY KEY (id)
);
CREATE TABLE guilds (
	guild_id BIGINT NOT NULL, 
	videos INTEGER, 
	quota_window VARCHAR(16), 
	budget_day BIGINT, 
	budget_month BIGINT, 
	budget_person_month BIGINT, 
	channels TEXT, 
	resolution VARCHAR(16), 
	watermark BOOLEAN, 
	spoiler BOOLEAN, 
	moderator_role_id BIGINT, 
	log_channel_id BIGINT, 
	blocked_words TEXT, 
	announce BOOLEAN, 
	language VARCHAR(16), count_charged_failures BOOLEAN, others_pictures VARCHAR(16), 
	CONSTRAINT pk_guilds PRIMARY KEY (guild_id)
);
CREATE TABLE late_edits (
	task_id VARCHAR(32) NOT NULL, 
	made_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	CONSTRAINT pk_late_edits PRIMARY KEY (task_id), 
	CONSTRAINT fk_late_edits_task_id_tasks FOREIGN KEY(task_id) REFERENCES tasks (id)
);
CREATE TABLE members (
	guild_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	videos INTEGER, 
	reset_at BIGINT, 
	blocked_at BIGINT, 
	blocked_by_id BIGINT, 
	blocked_reason TEXT, 
	CONSTRAINT pk_members PRIMARY KEY (guild_id, person_id)
);
CREATE TABLE menu_forms (
	message_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	pictures TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT pk_menu_forms PRIMARY KEY (message_id, person_id)
);
CREATE TABLE money_holds (
	task_id VARCHAR(32) NOT NULL, 
	person_id BIGINT NOT NULL, 
	guild_id BIGINT, 
	state VARCHAR(16) NOT NULL, 
	estimate BIGINT NOT NULL, 
	settled BIGINT, 
	made_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	CONSTRAINT pk_money_holds PRIMARY KEY (task_id), 
	CONSTRAINT fk_money_holds_task_id_tasks FOREIGN KEY(task_id) REFERENCES tasks (id)
);
CREATE TABLE picture_choices (
	person_id BIGINT NOT NULL, 
	pictures VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_picture_choices PRIMARY KEY (person_id)
);
CREATE TABLE picture_questions (
	id VARCHAR(32) NOT NULL, 
	person_id BIGINT NOT NULL, 
	author_id BIGINT NOT NULL, 
	guild_id BIGINT NOT NULL, 
	channel_id BIGINT NOT NULL, 
	picture VARCHAR(64) NOT NULL, 
	request TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	CONSTRAINT pk_picture_questions PRIMARY KEY (id)
);
CREATE TABLE processes (
	owner VARCHAR(64) NOT NULL, 
	lease_until BIGINT NOT NULL, 
	CONSTRAINT pk_processes PRIMARY KEY (owner)
);
CREATE TABLE provider_standing (
	id INTEGER NOT NULL, 
	closure VARCHAR(16), 
	said VARCHAR(16), 
	accepted_at BIGINT, 
	probe_at BIGINT, 
	probe_after_seconds INTEGER NOT NULL, 
	quiet_until BIGINT, model VARCHAR(64), since BIGINT, suspect VARCHAR(32), unclear INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_provider_standing PRIMARY KEY (id)
);
CREATE TABLE request_forms (
	address VARCHAR(500) NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	form VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_request_forms PRIMARY KEY (address, model)
);
CREATE TABLE role_limits (
	guild_id BIGINT NOT NULL, 
	role_id BIGINT NOT NULL, 
	videos INTEGER NOT NULL, 
	CONSTRAINT pk_role_limits PRIMARY KEY (guild_id, role_id)
);
CREATE TABLE second_copies (
	id INTEGER NOT NULL, 
	seen_at BIGINT NOT NULL, 
	CONSTRAINT pk_second_copies PRIMARY KEY (id)
);
CREATE TABLE spending_pause (
	id INTEGER NOT NULL, 
	paused_at BIGINT, 
	resumed_at BIGINT, 
	CONSTRAINT pk_spending_pause PRIMARY KEY (id)
);
CREATE TABLE spent (
	period VARCHAR(10) NOT NULL, 
	guild_id BIGINT NOT NULL, 
	person_id BIGINT NOT NULL, 
	settled BIGINT NOT NULL, 
	CONSTRAINT pk_spent PRIMARY KEY (period, guild_id, person_id)
);
CREATE TABLE tasks (
	id VARCHAR(32) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	owner VARCHAR(64), 
	epoch INTEGER NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	frame_digest VARCHAR(64) NOT NULL, 
	frame_mime VARCHAR(32) NOT NULL, 
	frame_bytes BIGINT NOT NULL, 
	frame_width INTEGER NOT NULL, 
	frame_height INTEGER NOT NULL, 
	prompt TEXT NOT NULL, 
	negative_prompt TEXT, 
	resolution VARCHAR(16) NOT NULL, 
	seed BIGINT NOT NULL, 
	prompt_extend BOOLEAN NOT NULL, 
	watermark BOOLEAN NOT NULL, 
	spoiler BOOLEAN NOT NULL, 
	mended TEXT NOT NULL, 
	person_id BIGINT NOT NULL, 
	person_name TEXT NOT NULL, 
	person_role_ids TEXT NOT NULL, 
	person_locale VARCHAR(16) NOT NULL, 
	guild_id BIGINT, 
	channel_id BIGINT, 
	message_id BIGINT, 
	filesize_limit BIGINT NOT NULL, 
	locale VARCHAR(16) NOT NULL, 
	door VARCHAR(16) NOT NULL, 
	parent_id VARCHAR(32), 
	estimate BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	not_before BIGINT, 
	provider_id TEXT, 
	progress FLOAT, 
	video_url TEXT, 
	cost BIGINT, 
	discount VARCHAR(40), 
	failure_kind VARCHAR(16), 
	failure_code TEXT, 
	failure_message TEXT, 
	answer TEXT, 
	submitted_at BIGINT, 
	rendered_at BIGINT, 
	ended_at BIGINT, 
	delivery_rung INTEGER NOT NULL, 
	delivery_attempts INTEGER NOT NULL, 
	delivery_tried_at BIGINT, 
	result_channel_id BIGINT, 
	result_message_id BIGINT, 
	late_told BOOLEAN NOT NULL, 
	announced BOOLEAN NOT NULL, source_channel_id BIGINT, source_message_id BIGINT, source_number INTEGER, age_restricted BOOLEAN DEFAULT 0 NOT NULL, reachable BOOLEAN DEFAULT 1 NOT NULL, link_guild_id BIGINT, unsaid BOOLEAN DEFAULT 0 NOT NULL, counted BOOLEAN DEFAULT 0 NOT NULL, provider_word VARCHAR(64), interaction_id BIGINT, interaction_number INTEGER DEFAULT 0 NOT NULL, source_url TEXT, source_name TEXT, source_bytes BIGINT, picture_owner_id BIGINT, 
	CONSTRAINT pk_tasks PRIMARY KEY (id)
);
CREATE INDEX ix_tasks_state_owner ON tasks (state, owner);
CREATE INDEX ix_tasks_person_id_state ON tasks (person_id, state);
CREATE INDEX ix_tasks_person_id_created_at ON tasks (person_id, created_at);
CREATE INDEX ix_tasks_guild_id_created_at ON tasks (guild_id, created_at);
CREATE INDEX ix_tasks_created_at ON tasks (created_at);
CREATE INDEX ix_tasks_parent_id ON tasks (parent_id);
CREATE INDEX ix_tasks_frame_digest_created_at ON tasks (frame_digest, created_at);
CREATE INDEX ix_money_holds_sums ON money_holds (state, made_at, guild_id, person_id, settled, estimate);
CREATE INDEX ix_allowance_holds_window ON allowance_holds (person_id, made_at, guild_id, state, grant_id);
CREATE INDEX ix_allowance_holds_grant_id_state ON allowance_holds (grant_id, state);
CREATE INDEX ix_grants_guild_id_person_id ON grants (guild_id, person_id);
CREATE INDEX ix_audit_guild_id_id ON audit (guild_id, id);
CREATE INDEX ix_audit_guild_id_subject_id_id ON audit (guild_id, subject_id, id);
CREATE INDEX ix_budget_warnings_told_at_id ON budget_warnings (told_at, id);
CREATE INDEX ix_tasks_result_message_id ON tasks (result_message_id);
CREATE INDEX ix_tasks_unsaid ON tasks (person_id) WHERE unsaid;
CREATE INDEX ix_tasks_provider_id ON tasks (provider_id);
CREATE INDEX ix_charges_model_resolution_id ON charges (model, resolution, id);
CREATE UNIQUE INDEX uq_tasks_interaction ON tasks (interaction_id, interaction_number);
CREATE INDEX ix_menu_forms_person_id_made_at ON menu_forms (person_id, made_at);
CREATE INDEX ix_menu_forms_made_at ON menu_forms (made_at);
CREATE INDEX ix_tasks_others_picture ON tasks (picture_owner_id) WHERE picture_owner_id <> person_id;
CREATE INDEX ix_default_notices_told_at ON default_notices (told_at);
CREATE UNIQUE INDEX uq_picture_questions_picture ON picture_questions (person_id, picture);
CREATE INDEX ix_picture_questions_made_at ON picture_questions (made_at);
INSERT INTO "alembic_version" VALUES('0017');
INSERT INTO "allowance_holds" VALUES('cv5qksrb2r',700000000000000003,700000000000000001,'used',1795888474428202,1795888475834453,NULL);
INSERT INTO "allowance_holds" VALUES('d37y9xfwpk',700000000000000003,700000000000000001,'used',1795888472306387,1795888473680701,NULL);
INSERT INTO "allowance_holds" VALUES('m5ju4epxvy',700000000000000004,700000000000000001,'held',1795888491856480,NULL,NULL);
INSERT INTO "allowance_holds" VALUES('mkk86kbjvh',700000000000000004,700000000000000001,'used',1795888475953295,1795888477309342,NULL);
INSERT INTO "allowance_holds" VALUES('njxw5tj766',700000000000000004,700000000000000001,'used',1795888481515058,1795888483085455,NULL);
INSERT INTO "allowance_holds" VALUES('pjqj3pwapw',700000000000000004,700000000000000001,'returned',1795888484795037,1795888485003151,NULL);
INSERT INTO "allowance_holds" VALUES('qpttxg7pgh',700000000000000003,700000000000000001,'returned',1795888483389317,1795888484692169,NULL);
INSERT INTO "allowance_holds" VALUES('tv9uc7xd3z',700000000000000003,700000000000000001,'held',1795888496382710,NULL,NULL);
INSERT INTO "allowance_holds" VALUES('vjp6dcsuex',700000000000000003,700000000000000001,'used',1795888485110662,1795888486408860,NULL);
INSERT INTO "allowance_holds" VALUES('w6u865ajbz',700000000000000003,700000000000000001,'returned',1795888491940461,1795888495338366,NULL);
INSERT INTO "allowance_holds" VALUES('ynjktxh2gf',700000000000000004,700000000000000001,'held',1795888496639753,NULL,NULL);
INSERT INTO "audit" VALUES(1,700000000000000001,1795888472012838,700000000000000005,'settings',NULL,'{"log_channel_id": null, "blocked_words": [], "announce": true}','{"log_channel_id": 700000000000000002, "blocked_words": ["slow train", "rust"], "announce": false}');
INSERT INTO "audit" VALUES(2,700000000000000001,1795888472062878,700000000000000005,'server',NULL,'{"videos": null, "window": null, "budget_usd_day": null, "budget_usd_month": null}','{"videos": 12, "window": "week", "budget_usd_day": "5.00", "budget_usd_month": "15.00"}');
INSERT INTO "audit" VALUES(3,700000000000000001,1795888472086543,700000000000000005,'set',700000000000000004,'{"videos": null}','{"videos": 20}');
INSERT INTO "audit" VALUES(4,700000000000000001,1795888472114348,700000000000000005,'grant',700000000000000003,'{"bonus": 0}','{"bonus": 2, "granted": 2, "expires_at": 1798480472}');
INSERT INTO "audit" VALUES(5,700000000000000001,1795888472166415,700000000000000005,'role',700000000000000007,'{"videos": null}','{"videos": 15}');
INSERT INTO "audit" VALUES(6,700000000000000001,1795888472206457,700000000000000005,'block',700000000000000006,'{"blocked": false, "reason": null}','{"blocked": true, "reason": "spam in @everyone"}');
INSERT INTO "charges" VALUES(1,'wan22_i2v_flash','720P',250000,1795888473680701);
INSERT INTO "charges" VALUES(2,'wan22_i2v_flash','480P',100000,1795888475834453);
INSERT INTO "charges" VALUES(3,'wan22_i2v_flash','720P',250000,1795888477309342);
INSERT INTO "charges" VALUES(4,'wan22_i2v_flash','720P',250000,1795888483085455);
INSERT INTO "charges" VALUES(5,'wan22_i2v_flash','720P',250000,1795888486408860);
INSERT INTO "durations" VALUES('wan22_i2v_flash','480P','{"ratio": 1.07, "known": 1, "thrift": 1.0163468229341257, "bins": {"0": [0.5858, 0.849], "1": [0.0793, 0.026], "2": [0.0849, 0.022], "3": [0.0908, 0.016], "4": [0.0972, 0.009], "5": [0.0619, 0.002]}}');
INSERT INTO "durations" VALUES('wan22_i2v_flash','720P','{"ratio": 1.07, "known": 5, "thrift": 1.0291019077625834, "bins": {"0": [1.2454, 4.818], "1": [0.6875, 0.237], "2": [0.8987, 0.194], "3": [0.9617, 0.133], "4": [0.7877, 0.062], "5": [0.2223, 0.026], "6": [0.1744, 0.006]}}');
INSERT INTO "grants" VALUES(1,700000000000000001,700000000000000003,2,1795888472114348,1798480472114348,700000000000000005);
INSERT INTO "guilds" VALUES(700000000000000001,12,'week',5000000,15000000,NULL,'[]',NULL,0,0,NULL,700000000000000002,'["slow train", "rust"]',0,NULL,1,'anyone');
INSERT INTO "members" VALUES(700000000000000001,700000000000000004,20,NULL,NULL,NULL,NULL);
INSERT INTO "members" VALUES(700000000000000001,700000000000000006,NULL,NULL,1795888472206457,700000000000000005,'spam in @everyone');
INSERT INTO "money_holds" VALUES('cv5qksrb2r',700000000000000003,700000000000000001,'settled',100000,100000,1795888474428202,1795888475834453);
INSERT INTO "money_holds" VALUES('d37y9xfwpk',700000000000000003,700000000000000001,'settled',200000,250000,1795888472306387,1795888473680701);
INSERT INTO "money_holds" VALUES('m5ju4epxvy',700000000000000004,700000000000000001,'held',250000,NULL,1795888491856480,NULL);
INSERT INTO "money_holds" VALUES('mkk86kbjvh',700000000000000004,700000000000000001,'settled',250000,250000,1795888475953295,1795888477309342);
INSERT INTO "money_holds" VALUES('njxw5tj766',700000000000000004,700000000000000001,'settled',250000,250000,1795888481515058,1795888483085455);
INSERT INTO "money_holds" VALUES('pjqj3pwapw',700000000000000004,700000000000000001,'held',250000,NULL,1795888484795037,NULL);
INSERT INTO "money_holds" VALUES('qpttxg7pgh',700000000000000003,700000000000000001,'released',250000,NULL,1795888483389317,1795888484692169);
INSERT INTO "money_holds" VALUES('tv9uc7xd3z',700000000000000003,700000000000000001,'held',250000,NULL,1795888496382710,NULL);
INSERT INTO "money_holds" VALUES('vjp6dcsuex',700000000000000003,700000000000000001,'settled',250000,250000,1795888485110662,1795888486408860);
INSERT INTO "money_holds" VALUES('w6u865ajbz',700000000000000003,700000000000000001,'released',250000,NULL,1795888491940461,1795888495338366);
INSERT INTO "money_holds" VALUES('ynjktxh2gf',700000000000000004,700000000000000001,'held',100000,NULL,1795888496639753,NULL);
INSERT INTO "picture_choices" VALUES(700000000000000004,'nobody');
INSERT INTO "request_forms" VALUES('http://127.0.0.1:9000','wan22_i2v_flash','wrapped');
INSERT INTO "role_limits" VALUES(700000000000000001,700000000000000007,15);
INSERT INTO "spent" VALUES('2026-11',-1,-1,1100000);
INSERT INTO "spent" VALUES('2026-11',700000000000000001,-1,1100000);
INSERT INTO "spent" VALUES('2026-11',700000000000000001,700000000000000003,600000);
INSERT INTO "spent" VALUES('2026-11',700000000000000001,700000000000000004,500000);
INSERT INTO "spent" VALUES('2026-11-28',700000000000000001,-1,1100000);
INSERT INTO "tasks" VALUES('cv5qksrb2r','delivered','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'a kite climbs',NULL,'480P',179180316,1,0,1,'[]',700000000000000003,'Ada','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295252635942912,10485760,'en-US','slash',NULL,100000,1795888474428202,1795888475910212,NULL,'task-53e9e01d60e980a0',1.0,'http://127.0.0.1:9000/files/job-9014b82cf54b.mp4?expires=1795974875&sig=0',100000,'0.0',NULL,NULL,NULL,'{"id": "task-53e9e01d60e980a0", "status": "completed", "created_at": 1795888474, "metadata": {"resolution": "480P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-9014b82cf54b.mp4?expires=1795974875&sig=0", "jobId": "job-9014b82cf54b", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.10"}}',1795888474443629,1795888475834453,1795888475910212,1,1,1795888475896135,700000000000000002,1576295252635942912,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295252581416961,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('d37y9xfwpk','delivered','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'waves roll in','rain','720P',41,1,0,0,'[]',700000000000000003,'Ada','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295243756601344,10485760,'en-US','slash',NULL,200000,1795888472306387,1795888474118448,NULL,'task-16e1418bf0ba7184',1.0,'http://127.0.0.1:9000/files/job-d13ddc9e94f8.mp4?expires=1795974873&sig=0',250000,'0.0',NULL,NULL,NULL,'{"id": "task-16e1418bf0ba7184", "status": "completed", "created_at": 1795888472, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-d13ddc9e94f8.mp4?expires=1795974873&sig=0", "jobId": "job-d13ddc9e94f8", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}',1795888472374461,1795888473680701,1795888474118448,1,1,1795888473723182,700000000000000002,1576295243756601344,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295243744018433,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('m5ju4epxvy','running','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'the tide turns',NULL,'720P',581781885,1,0,0,'[]',700000000000000004,'Grace','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295325713301504,10485760,'en-US','slash',NULL,250000,1795888491856480,1795888491886299,NULL,'task-of-the-running-one',0.44,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795888491864659,NULL,NULL,1,0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295325553917953,0,NULL,NULL,NULL,700000000000000004);
INSERT INTO "tasks" VALUES('mkk86kbjvh','delivered','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'snow falls',NULL,'720P',2090205753,1,1,0,'[]',700000000000000004,'Grace','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295259183251456,10485760,'en-US','slash',NULL,250000,1795888475953295,1795888478405596,NULL,'task-73fb971e6bed4608',1.0,'http://127.0.0.1:9000/files/job-7a6b8b49f337.mp4?expires=1795974877&sig=0',250000,'0.0',NULL,NULL,NULL,'{"id": "task-73fb971e6bed4608", "status": "completed", "created_at": 1795888476, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-7a6b8b49f337.mp4?expires=1795974877&sig=0", "jobId": "job-7a6b8b49f337", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}',1795888476004515,1795888477309342,1795888478405596,1,1,1795888477422408,700000000000000002,1576295259183251456,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295259170668545,0,NULL,NULL,NULL,700000000000000004);
INSERT INTO "tasks" VALUES('njxw5tj766','delivered','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'waves roll in','rain','720P',45530810,1,0,0,'[]',700000000000000004,'Grace','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295282402918400,10485760,'en-US','new_seed','d37y9xfwpk',250000,1795888481515058,1795888483262377,NULL,'task-5b262ff644115075',1.0,'http://127.0.0.1:9000/files/job-828ef58034c2.mp4?expires=1795974882&sig=0',250000,'0.0',NULL,NULL,NULL,'{"id": "task-5b262ff644115075", "status": "completed", "created_at": 1795888481, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-828ef58034c2.mp4?expires=1795974882&sig=0", "jobId": "job-828ef58034c2", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}',1795888481608886,1795888483085455,1795888483262377,1,1,1795888483224078,700000000000000002,1576295282402918400,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,NULL,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('pjqj3pwapw','unknown','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'a lost answer',NULL,'720P',309502017,1,0,0,'[]',700000000000000004,'Grace','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295295979880448,10485760,'en-US','slash',NULL,250000,1795888484795037,1795888485065126,NULL,NULL,NULL,NULL,NULL,NULL,'generation',NULL,'ClientOSError: [Errno 104] Connection reset by peer',NULL,1795888484954783,NULL,NULL,1,0,NULL,NULL,NULL,0,1,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295295967297537,0,NULL,NULL,NULL,700000000000000004);
INSERT INTO "tasks" VALUES('qpttxg7pgh','failed','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'something rude',NULL,'720P',1863193060,1,0,0,'[]',700000000000000003,'Ada','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295290174963712,10485760,'en-US','slash',NULL,250000,1795888483389317,1795888484747073,NULL,'task-47e442dcc55652c6',0.67,NULL,NULL,NULL,'moderated','DataInspectionFailed','inappropriate content','{"id": "task-47e442dcc55652c6", "status": "failed", "created_at": 1795888483, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "error": {"code": "DataInspectionFailed", "message": "inappropriate content"}}',1795888483421835,NULL,1795888484692169,1,0,NULL,NULL,NULL,0,1,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295290124632065,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('tv9uc7xd3z','queued','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'a boat sets sail',NULL,'720P',7,1,0,0,'[]',700000000000000003,'Ada','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295344851910656,10485760,'en-US','slash',NULL,250000,1795888496382710,1795888497948542,1795888501587501,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295344843522049,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('vjp6dcsuex','undelivered','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'nobody sees this',NULL,'720P',1702859643,1,0,0,'[]',700000000000000003,'Ada','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295297338834944,10485760,'en-US','slash',NULL,250000,1795888485110662,1795888491843035,NULL,'task-35270422724824d2',1.0,'http://127.0.0.1:9000/files/job-134f1a796bb0.mp4?expires=1795974886&sig=0',250000,'0.0',NULL,NULL,NULL,'{"id": "task-35270422724824d2", "status": "completed", "created_at": 1795888485, "metadata": {"resolution": "720P"}, "model": "wan22_i2v_flash", "progress": 1.0, "output": [{"content": [{"url": "http://127.0.0.1:9000/files/job-134f1a796bb0.mp4?expires=1795974886&sig=0", "jobId": "job-134f1a796bb0", "type": "video"}]}], "usage": {"discount": 0.0, "cost": "0.25"}}',1795888485124591,1795888486408860,1795888491691871,4,1,1795888491601958,NULL,NULL,0,1,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295297309474817,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('w6u865ajbz','cancelled',NULL,0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'never mind',NULL,'720P',1283674817,1,0,0,'[]',700000000000000003,'Ada','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295326183063552,10485760,'en-US','slash',NULL,250000,1795888491940461,1795888495338366,1795888496786136,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1795888495338366,1,0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295326136926208,0,NULL,NULL,NULL,700000000000000003);
INSERT INTO "tasks" VALUES('ynjktxh2gf','queued','run-5f818893788d',0,'wan22_i2v_flash','65075fd1d27083b23cdbaff8aeb81444ebbf03ffee5776a81234cef94b5da802','image/png',916,360,360,'leaves drift down',NULL,'480P',401192362,1,0,0,'[]',700000000000000004,'Grace','[700000000000000001]','en-US',700000000000000001,700000000000000002,1576295345283923968,10485760,'en-US','slash',NULL,100000,1795888496639753,1795888498394685,1795888500477790,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,0,NULL,NULL,NULL,0,0,NULL,NULL,NULL,0,1,NULL,0,0,NULL,1576295345271341057,0,NULL,NULL,NULL,700000000000000004);
