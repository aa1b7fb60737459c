import {
  AmbientLight,
  Box3,
  Color,
  DirectionalLight,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  Vector3,
  WebGLRenderer,
} from 'three';
import { OrbitControls } from 'three/addons/controls/OrbitControls.js';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';

const turnStep = Math.PI / 24;

/** Draws the GLB behind a URL into an element until the signal ends it. Resolves when it is to be seen. */
export async function startScene(element: HTMLElement, url: string, signal: AbortSignal): Promise<void> {
  const renderer = newRenderer();
  signal.addEventListener('abort', () => {
    renderer.dispose();
    renderer.domElement.remove();
  });
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`the file was not sent (${response.status})`);
  const { scene: model } = await new GLTFLoader().parseAsync(await response.arrayBuffer(), '');
  signal.throwIfAborted();
  model.traverse((part) => {
    if (part instanceof Mesh)
      part.material = new MeshStandardMaterial({
        color: 0xc3cad6,
        roughness: 0.65,
        metalness: 0.05,
        flatShading: true,
      });
  });
  const scene = new Scene();
  const camera = new PerspectiveCamera(35, 1, 0.0001, 100);
  const key = new DirectionalLight(0xffffff, 2.4);
  scene.add(model, new AmbientLight(0xffffff, 0.9), camera);
  camera.add(key);
  key.position.set(-0.6, 0.9, 0.6);

  const controls = new OrbitControls(camera, renderer.domElement);
  frame(model, camera, controls);
  element.append(renderer.domElement);
  renderer.domElement.tabIndex = 0;
  turnByKeys(renderer.domElement, camera, controls, signal);
  let redraw = (): void => undefined;
  const fit = () => {
    const { clientWidth: width, clientHeight: height } = element;
    renderer.setSize(width, height, false);
    camera.aspect = width / Math.max(1, height);
    camera.updateProjectionMatrix();
    redraw();
  };
  const observer = new ResizeObserver(fit);
  observer.observe(element);
  signal.addEventListener('abort', () => (observer.disconnect(), controls.dispose()));
  fit();
  // Only when something has changed: a page that stands still costs nothing.
  const draw = () => {
    scene.background = new Color(getComputedStyle(element).backgroundColor);
    renderer.render(scene, camera);
  };
  controls.addEventListener('change', draw);
  redraw = draw;
  draw();
}

function newRenderer(): WebGLRenderer {
  try {
    return new WebGLRenderer({ antialias: true });
  } catch {
    throw new Error('this browser offers no WebGL.');
  }
}

/** From the front and above, everything in view. */
function frame(model: Scene | import('three').Object3D, camera: PerspectiveCamera, controls: OrbitControls): void {
  const box = new Box3().setFromObject(model);
  const size = box.getSize(new Vector3()).length();
  const centre = box.getCenter(new Vector3());
  camera.position.copy(centre).add(new Vector3(0.35, 0.75, 0.95).normalize().multiplyScalar(size * 1.5));
  camera.near = size / 100;
  camera.far = size * 100;
  controls.target.copy(centre);
  controls.update();
}

function turnByKeys(
  canvas: HTMLCanvasElement,
  camera: PerspectiveCamera,
  controls: OrbitControls,
  signal: AbortSignal,
): void {
  const around = new Vector3(0, 1, 0);
  const onKey = (event: KeyboardEvent): void => {
    const turns: Record<string, number> = { ArrowLeft: -turnStep, ArrowRight: turnStep };
    const tilts: Record<string, number> = { ArrowUp: -turnStep, ArrowDown: turnStep };
    const offset = camera.position.clone().sub(controls.target);
    if (turns[event.key] !== undefined) offset.applyAxisAngle(around, turns[event.key]!);
    else if (tilts[event.key] !== undefined)
      offset.applyAxisAngle(new Vector3().crossVectors(offset, around).normalize(), tilts[event.key]!);
    else return;
    event.preventDefault();
    camera.position.copy(controls.target).add(offset);
    controls.update();
  };
  canvas.addEventListener('keydown', onKey, { signal });
}
