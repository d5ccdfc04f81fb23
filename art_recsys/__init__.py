"""An art recommender to read, run and use: two towers, a ranker and a gallery, from raw catalogue to served recommendations

Modules:

- `art_recsys.cli`: The command `art-recsys`: run the stages, serve what they made, ask for recommendations.
- `art_recsys.config.disk`: What a disk refuses, in words: full, read-only, not permitted, or a damaged database.
- `art_recsys.config.files`: Atomic files: JSON, Parquet and folders that are either complete or not there, and SQLite for several processes.
- `art_recsys.config.memory`: Memory of a process that trains: keep freed pages for the next step instead of returning them to the system.
- `art_recsys.config.remembered`: The options that a home was last run with: what describes it in `options.json`, the rest in the person's own folder.
- `art_recsys.config.seeds`: Seeds: independent random streams by name, and hashes that are the same on every machine.
- `art_recsys.config.settings`: Settings of a run, from settings.ini, the environment and arguments; and secrets, which are not settings.
- `art_recsys.config.trust`: Which homes a person made or trusts: a mark in each home, sealed with a secret that only this person has.
- `art_recsys.gallery.doors`: Who is in the gallery: each visitor's page has a kernel of about 45 MiB, and there is room for a limited number.
- `art_recsys.gallery.large`: Large pictures for the viewer: painted or downloaded when somebody looks closely, and kept.
- `art_recsys.gallery.policy`: What a page may load (Content-Security-Policy): only what comes from this origin, and no script that is not ours.
- `art_recsys.gallery.remote`: Pictures that a catalogue only has an address of: fetched by us, checked, made small and kept.
- `art_recsys.gallery.widget`: The gallery as one anywidget: it answers the browser's messages with data from the model server.
- `art_recsys.job`: The program of a Hopsworks job: it runs the command line. Upload this file and set it as the job's `appPath`.
- `art_recsys.language.batches`: OpenAI's Batch API: half the price, an answer within a day, for runs of many thousand requests.
- `art_recsys.language.cache`: Answers, refusals and bills on disk, so that no answer is paid for twice and a budget holds.
- `art_recsys.language.colours`: Colours: their place in CIE Lab, the names a painter would use, and eleven plain families.
- `art_recsys.language.grammar`: A small grammar for tags: any set of them becomes a phrase that reads, whatever parts of speech they are.
- `art_recsys.language.image_encoder`: Pictures as vectors: a network that has learned to recognise things in photographs, without its last layer.
- `art_recsys.language.moods`: Which moods a picture may be said to have: those that nothing measured in it contradicts, and that agree together.
- `art_recsys.language.openai_writer`: A language model as a writer, through the OpenAI SDK: OpenAI itself, or a server that has the same API.
- `art_recsys.language.profiles`: The offline profile: what some works have in common, and an invented user who would like them.
- `art_recsys.language.prompts`: What a language model is sent: the prompt, the pictures, and facts of the catalogue in a block of their own.
- `art_recsys.language.replies`: What a writer gives back: a description or a profile, and the error of one answer that cannot be used.
- `art_recsys.language.text_encoder`: Texts as vectors: a sentence transformer that encodes each text once and keeps the vector on disk.
- `art_recsys.measures.debiased`: Metrics that count a hit on a little-known artwork for more: popularity decides what a log shows, not only taste.
- `art_recsys.measures.hits`: Metrics of ranked lists: for each user and each rank, whether the artwork at that rank is a test positive.
- `art_recsys.measures.off_policy`: What a new ranking would get, from the pages that another one showed: off-policy evaluation.
- `art_recsys.measures.sequential`: An interval for an experiment that may be looked at at any time, as often as anybody likes.
- `art_recsys.models.candidate_sources`: Sources of candidates: each proposes artworks for its own reason, and their proposals are merged into one list.
- `art_recsys.models.choice`: Settings that a log chooses by itself: does the order of the likes matter, and if not, what serves it better?
- `art_recsys.models.ease`: EASE: each like explained by the other likes of the same user, a ridge regression with a closed form.
- `art_recsys.models.examples`: Examples for a ranking model: what a user could have been shown at a time in the past, and what they liked.
- `art_recsys.models.interests`: Several interests: a user as K query vectors, and an artwork scored by the one that is nearest to it.
- `art_recsys.models.long_training`: The training of the towers on a log that is never in memory (`tables.log_on_disk`).
- `art_recsys.models.quotas`: How many of the candidates each source may propose, learned from likes that came later.
- `art_recsys.models.requests`: Requests: profiles and likes of users from the log, and requests in the form that the steps of a recommender read.
- `art_recsys.models.sequence_file`: Likes as sequences in a Parquet file, read in row groups: what a training does where there are too many for memory.
- `art_recsys.models.sparse_rows`: A matrix of which nearly everything is zero, such as the tags of a large catalogue, kept as what is not zero.
- `art_recsys.models.steering`: More and less of something: what a visitor asked for, and what their likes have in common.
- `art_recsys.models.steps`: The steps of a recommender that scores the whole catalogue, and `Pages`, the arrays that a recommender returns.
- `art_recsys.models.traits`: What two artworks have in common, and the sentences that say so: tags, the hand, the palette, the years.
- `art_recsys.pipeline`: The stages in order: run what is missing or out of date, under a lock, and keep the summary of each.
- `art_recsys.platform.embedded.job_process`: The process of one execution of a job: it runs the script, keeps its output and writes down how it ended
- `art_recsys.platform.embedded.jobs`: Jobs: a script kept under a name; each execution is a process of this machine
- `art_recsys.platform.embedded.runner`: Serve one deployment by its own scripts, as a KServe pod does
- `art_recsys.platform.embedded.training`: Training data of a feature view: cut by time or by share, kept under a version so that it can be read again
- `art_recsys.platform.inserts`: Insert the rows of a feature group, with a limit on how long Kafka may take.
- `art_recsys.platform.intact`: Whether what the stages keep in an embedded project is whole: feature groups, models, and the release of two of them.
- `art_recsys.platform.live_log`: Changes of the catalogue and of users that came over HTTP, as the model server wrote them into `events.db`.
- `art_recsys.platform.neighbours`: The nearest of many vectors: exact where there are few, through an inverted index of FAISS where there are many.
- `art_recsys.platform.visitor_log`: The events of visitors, as the model server wrote them into `events.db`.
- `art_recsys.reports.newcomers`: New users and new artworks: the metrics of each recommender for them.
- `art_recsys.reports.off_policy`: What a ranking that nobody has seen yet would get from the visitors, judged on pages that another one showed them.
- `art_recsys.reports.order`: Does the order of the likes matter? The same model is asked with histories in order and with shuffled ones.
- `art_recsys.reports.seeds`: How much a figure depends on the seed of the training, beside how much it depends on the users.
- `art_recsys.reports.splits`: Two ways to hold out likes, side by side: one time for all users, and the last like of each user.
- `art_recsys.reports.tuning`: Baselines with hyper-parameters that were chosen on validation, with as many trials as ours.
- `art_recsys.sample_museum.canvas`: The canvas on which the subjects are painted.
- `art_recsys.sample_museum.replay`: Random draws that are recorded while a small picture is painted, and repeated for the large one.
- `art_recsys.serving.access`: Who may do what at the model server: the name that was asked, the key and its role, and how often.
- `art_recsys.serving.arms`: The arms of an experiment in a running server: both recommenders are loaded, and each visitor gets one of them.
- `art_recsys.serving.backups`: Backups of the event store, made at intervals while it is in use: `events.db.backups/NUMBER-TIME.db`.
- `art_recsys.serving.catalogue_bodies`: What the routes of the live catalogue read and answer.
- `art_recsys.serving.codes`: One-time codes that carry what a visitor likes to another browser.
- `art_recsys.serving.connections`: How long and how many connections may stay open, for the model server under uvicorn.
- `art_recsys.serving.drift_words`: The drift of taste in words: what the likes of the last seven days lean to, and whether that is more than chance.
- `art_recsys.serving.dump`: A whole home in one file, and back.
- `art_recsys.serving.experiment_file`: Experiments of a home: `experiments.json` says which one runs and which ones ran. Importing this loads no TensorFlow.
- `art_recsys.serving.forget`: Forget a user: delete all of their rows in a home, from the live tables and from the files beneath them.
- `art_recsys.serving.hosts`: The names under which a server may be asked, and the address of who asks.
- `art_recsys.serving.keys`: API keys of the model server. The home's `keys.json` has a hash of each, and nobody sees a key twice.
- `art_recsys.serving.live`: The live catalogue: works, users and events come and go over HTTP while the server answers visitors.
- `art_recsys.serving.live_catalogue`: The catalogue and the users of a release with the changes that came over HTTP on top.
- `art_recsys.serving.live_rows`: Rows of a batch that came over HTTP: the good ones, and what is wrong with each of the others.
- `art_recsys.serving.logs`: The log of a server in the background: bounded, whatever happens to the server.
- `art_recsys.serving.lookup`: What is behind a number: a visitor beside their page, a work beside who liked it, two releases for one visitor.
- `art_recsys.serving.maps`: The map of a release: a place in the plane for each work, what lies around a place, and a visitor's way over it.
- `art_recsys.serving.plane`: The catalogue in the plane: works whose texts and pictures are alike lie near each other.
- `art_recsys.serving.predictors`: The classes behind the two deployments. The Hopsworks predictor scripts subclass them, and the server uses both.
- `art_recsys.serving.recover`: Recover the event store: from the damaged file whatever can still be read, and from the newest backup the rest.
- `art_recsys.serving.releases`: A running server follows `release.json` and switches to each new release.
- `art_recsys.serving.rooms`: Rooms: a visitor hangs works in a room of their own, names it, and may share it by a link.
- `art_recsys.serving.search`: Search: artworks by their words, by what they mean and by the colours that are seen, for one line of text.
- `art_recsys.serving.server`: The model server: one FastAPI process that holds TensorFlow, the index, the models and the event store.
- `art_recsys.serving.similar`: Works similar to one work, in three rows: the same subject, palette and light, the same hand.
- `art_recsys.serving.store`: The event store: an append-only log of what visitors did. Events are acknowledged once they are on disk.
- `art_recsys.serving.store_file`: The file of an event store: whether its path still names what is open, and what SQLite's errors mean for a person.
- `art_recsys.serving.tables`: The tables of events.db: what visitors did, what they asked for, their rooms, codes that carry their likes, how each page came about (`exposures`: the arm of an experiment, and which ranks were explored), and the works and users that came over HTTP (`art_recsys.platform.live_log`).
- `art_recsys.serving.tally`: Counts of an experiment, read from events.db in the order in which things were written there.
- `art_recsys.serving.tokens`: Tokens of visitors: made by this server and by nobody else, so that no imported user's id is one.
- `art_recsys.serving.tracing`: Traces by OpenTelemetry, with the setting `tracing`: a span per request, and inside one per step of a page.
- `art_recsys.sources.api`: A catalogue behind a web API: read page by page, kept on disk, and brought up to date by later runs.
- `art_recsys.sources.artic`: The Art Institute of Chicago (https://api.artic.edu/docs/): metadata, a colour and an alt text.
- `art_recsys.sources.artsy`: Artsy's public API (https://developers.artsy.net/v2/): public-domain artworks, artists, genes, similar works.
- `art_recsys.sources.cleveland`: The Cleveland Museum of Art's API (https://openaccess-api.clevelandart.org): paging and licences.
- `art_recsys.sources.crawl`: A catalogue's raw records on disk, written page by page, so that no page is lost and none is requested twice.
- `art_recsys.sources.http`: An HTTP client with a rate limit, retries, and a list of hosts that it may ask.
- `art_recsys.sources.larger`: Where a museum keeps a larger file of a picture: Chicago's IIIF server, Cleveland's print file, Artsy's versions.
- `art_recsys.sources.pictures`: Pictures of a catalogue: checked, made small, and copied or downloaded into `pictures/` of the home.
- `art_recsys.sources.records`: Values from raw records, whose format is not trusted, as text, number, list or time.
- `art_recsys.tables.engines`: Two engines for the same expressions: DuckDB on this machine, and a Spark session.
- `art_recsys.tables.expressions`: What the heavy tables hold, as Ibis expressions over a log of events; nothing is read here.
- `art_recsys.tables.log_on_disk`: A log that is never in memory: what a training asks of it, answered by DuckDB from Parquet files.
- `art_recsys.tables.long_log`: A log that is too long for pandas: its tables come from DuckDB in batches, and only a part of it is read to train.
- `art_recsys.tables.spark_job`: The program of a PYSPARK job: the heavy tables of `expressions` by Spark."""

__version__ = "0.2.0"

import os as _os

# TFRS 0.7.7 needs Keras 2 (tf_keras), and the choice is read when tf.keras is first touched: so it is made here, once.
_os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
_os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
