//! A page in Chromium, without a window, driven through chromium-driver (the WebDriver protocol), and a server for its files.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::{Value, json};

use crate::c_tools::tool;

/// How long anything on a page may take.
const LIMIT: Duration = Duration::from_secs(120);

/// Serves a folder's files on this machine, until the program ends; returns the address.
///
/// # Panics
/// If no port is free.
pub fn serve(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}/", listener.local_addr().expect("its address"));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let folder = folder.clone();
            // A browser that goes away before the answer is its own business.
            thread::spawn(move || answer(&stream, &folder));
        }
    });
    address
}

fn answer(mut stream: &TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let name = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let kind = match Path::new(name).extension().and_then(|kind| kind.to_str()) {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("json") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    let (status, body) = match fs::read(folder.join(name)) {
        Ok(body) if !name.contains("..") => ("200 OK", body),
        _ => ("404 Not Found", Vec::new()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
    folder: tempfile::TempDir,
}

impl Browser {
    /// Starts one, and opens an address in it.
    ///
    /// # Panics
    /// If there is no Chromium: says what to install.
    pub fn open(address: &str) -> Self {
        // The driver finds it itself.
        drop(tool("chromium", "chromium chromium-driver"));
        let mut driver = tool("chromedriver", "chromium chromium-driver");
        let mut driver =
            driver.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("chromedriver starts");
        let printed = driver.stdout.as_mut().expect("its output");
        let port =
            BufReader::new(printed).lines().map_while(Result::ok).find_map(port).expect("chromedriver says its port");
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(LIMIT)).build().into();
        let folder = tempfile::tempdir().expect("a folder for downloads");
        let mut browser = Self { driver, agent, session: format!("http://127.0.0.1:{port}/session"), folder };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            // Nothing but this machine is to be reached.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ];
        let wanted = json!({ "goog:chromeOptions": { "args": arguments }, "goog:loggingPrefs": { "browser": "ALL" } });
        let answer = browser.post("", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session += &format!("/{}", answer["sessionId"].as_str().expect("a session"));
        let downloads = browser.folder.path().to_string_lossy().into_owned();
        browser.command("Browser.setDownloadBehavior", &json!({ "behavior": "allow", "downloadPath": downloads }));
        browser.post("/url", &json!({ "url": address }));
        browser
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.session)).send(body.to_string());
        let mut answer = request.unwrap_or_else(|error| panic!("{path}: {error}"));
        let good = answer.status().is_success();
        // A screenshot is larger than what is read unless told otherwise.
        let text = answer.body_mut().with_config().limit(1 << 28).read_to_string();
        let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"));
        assert!(good, "{path}: {value:#}");
        value["value"].take()
    }

    /// A command of Chromium's own protocol.
    fn command(&self, name: &str, parameters: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({ "cmd": name, "params": parameters }))
    }

    /// Runs a script on the page, and returns what it returns.
    ///
    /// # Panics
    /// If it throws.
    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Waits until an expression is true.
    ///
    /// # Panics
    /// If that takes too long: with what the page says.
    pub fn wait(&self, expression: &str) {
        let end = Instant::now() + LIMIT;
        while self.run(&format!("return !!({expression})"), &[]) != Value::Bool(true) {
            assert!(Instant::now() < end, "{expression}: not in {LIMIT:?}\n{}\n{:#}", self.text("body"), self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// The text of the first element that a selector finds.
    pub fn text(&self, selector: &str) -> String {
        let text = self.run("return document.querySelector(arguments[0]).innerText", &[selector.into()]);
        text.as_str().unwrap_or_default().into()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        let id = found.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
        id.expect("an element's id").into()
    }

    /// Clicks as a person does: what is covered or hidden fails.
    pub fn click(&self, selector: &str) {
        self.post(&format!("/element/{}/click", self.element(selector)), &json!({}));
    }

    /// Presses keys on an element; gives a file's path to an input of files.
    pub fn press(&self, selector: &str, keys: &str) {
        self.post(&format!("/element/{}/value", self.element(selector)), &json!({ "text": keys }));
    }

    /// Draws a line with the mouse over an element: points as offsets from its middle, in pixels.
    pub fn stroke(&self, selector: &str, points: &[(i32, i32)]) {
        let id = self.element(selector);
        let origin = json!({ "element-6066-11e4-a52e-4f735466cecf": id });
        let step =
            |&(x, y): &(i32, i32)| json!({ "type": "pointerMove", "duration": 20, "x": x, "y": y, "origin": origin });
        let mut actions: Vec<Value> = points.iter().map(step).collect();
        actions.insert(1, json!({ "type": "pointerDown", "button": 0 }));
        actions.push(json!({ "type": "pointerUp", "button": 0 }));
        self.post("/actions", &json!({ "actions": [{ "type": "pointer", "id": "mouse", "actions": actions }] }));
    }

    /// Makes the window that large, and dark or light.
    pub fn appear(&self, width: u32, height: u32, dark: bool) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.command("Emulation.setDeviceMetricsOverride", &metrics);
        let scheme = if dark { "dark" } else { "light" };
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.command("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    /// A PNG of the page's upper rows.
    ///
    /// # Panics
    /// If there is none.
    pub fn screenshot(&self, width: u32, height: u32) -> Vec<u8> {
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 1 });
        let parameters = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let answer = self.command("Page.captureScreenshot", &parameters);
        BASE64_STANDARD.decode(answer["data"].as_str().unwrap_or_default()).expect("base 64")
    }

    /// What the browser printed.
    fn log(&self) -> Value {
        self.post("/se/log", &json!({ "type": "browser" }))
    }

    /// What the browser complained about: errors of the page, files that are not there, requests that the page forbids.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.log();
        let entries = log.as_array().into_iter().flatten().filter(|entry| entry["level"] == "SEVERE");
        entries.map(|entry| entry["message"].to_string()).collect()
    }

    /// Takes a file that the page lets the user save, once it is there whole.
    ///
    /// # Panics
    /// If it never comes.
    pub fn saved(&self, name: &str) -> Vec<u8> {
        let path = self.folder.path().join(name);
        let end = Instant::now() + LIMIT;
        while !path.exists() {
            assert!(Instant::now() < end, "{name} is not saved");
            thread::sleep(Duration::from_millis(50));
        }
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        fs::remove_file(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        bytes
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; what fails here has failed before.
        drop(self.agent.delete(&self.session).call());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

fn port(line: String) -> Option<u16> {
    line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
}
