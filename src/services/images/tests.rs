//! What becomes of images: those that are none, those that would fill the memory, and those of people.

use super::{encode::encode, *};
use image::{
    DynamicImage, ImageFormat,
    ImageFormat::{Jpeg, Png, WebP},
    Rgb, RgbImage, Rgba, RgbaImage, load_from_memory_with_format,
};
use std::{io::Cursor, sync::mpsc};

const RED: [u8; 3] = [250, 10, 10];
const GREEN: [u8; 3] = [10, 250, 10];
const BLUE: [u8; 3] = [10, 10, 250];
/// Says that what is stored is to be turned by a quarter to the right, and where it was made.
const EXIF: &[u8] =
    b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0CANARY 52.5 N 13.4 E";

fn written(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn plain(width: u32, height: u32, color: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(color))
}

/// What was kept, read as anybody reads a JPEG.
fn kept(bytes: &[u8], size: (u32, u32)) -> RgbImage {
    let image = load_from_memory_with_format(&encode(bytes, size).unwrap(), Jpeg).unwrap().into_rgb8();
    assert_eq!(image.dimensions(), size);
    image
}

#[track_caller]
fn assert_like(image: &RgbImage, (x, y): (u32, u32), color: [u8; 3]) {
    let found = image.get_pixel(x, y).0;
    let is_near = found.iter().zip(color).all(|(found, wanted)| found.abs_diff(wanted) < 24);
    assert!(is_near, "{found:?} at {x}, {y}, not {color:?}");
}

/// A PNG that says it has another size, with the sum that its header then has.
fn png_of_size(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = png[12..29].iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    });
    png[29..33].copy_from_slice(&(!sum).to_be_bytes());
    png
}

/// A JPEG that says it has another size.
fn jpeg_of_size(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

/// A WebP whose header says one size, and its only frame another.
fn webp(width: u16, height: u16, frame: u16) -> Vec<u8> {
    let [w, h] = [width - 1, height - 1].map(u16::to_le_bytes);
    let mut webp = b"RIFF\x28\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    webp.extend([w[0], w[1], 0, h[0], h[1], 0]);
    webp.extend(b"VP8 \x0a\0\0\0\x10\0\0\x9d\x01\x2a");
    webp.extend([frame.to_le_bytes(), frame.to_le_bytes()].concat());
    webp
}

fn with_exif(jpeg: &[u8]) -> Vec<u8> {
    let length = u16::try_from(EXIF.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, EXIF, &jpeg[2..]].concat()
}

#[test]
fn every_format_and_shape_becomes_a_jpeg_of_the_one_size() {
    for (size, format) in [((640, 480), Jpeg), ((640, 480), WebP), ((256, 256), Png), ((1, 1), Png)] {
        let sent = written(plain(size.0, size.1, GREEN), format);
        assert_like(&kept(&sent, (256, 256)), (128, 128), GREEN);
        assert_like(&kept(&sent, (1500, 500)), (10, 10), GREEN);
    }
    for (width, height) in [(8192, 1), (1, 8192), (3, 1000)] {
        assert_like(&kept(&written(plain(width, height, GREEN), Png), (256, 256)), (128, 128), GREEN);
    }
}

#[test]
fn the_middle_is_kept() {
    let sent = RgbImage::from_fn(900, 300, |x, _| Rgb(if (300..600).contains(&x) { GREEN } else { RED }));
    let avatar = kept(&written(sent, Png), (256, 256));
    [(4, 4), (251, 4), (128, 128), (4, 251)].into_iter().for_each(|at| assert_like(&avatar, at, GREEN));
    let sent = RgbImage::from_fn(300, 300, |_, y| Rgb(if (100..200).contains(&y) { GREEN } else { RED }));
    let cover = kept(&written(sent, Png), (1500, 500));
    [(4, 6), (1495, 493)].into_iter().for_each(|at| assert_like(&cover, at, GREEN));
}

#[test]
fn it_is_turned_upright_and_says_nothing_of_where_it_was_made() {
    for size in [(256, 256), (1500, 500)] {
        let sent = RgbImage::from_fn(600, 600, |x, _| Rgb(if x < 300 { RED } else { BLUE }));
        let sent = with_exif(&written(sent, Jpeg));
        let image = kept(&sent, size);
        assert_like(&image, (size.0 / 2, 8), RED);
        assert_like(&image, (size.0 / 2, size.1 - 8), BLUE);
        let bytes = encode(&sent, size).unwrap();
        for word in [&b"Exif"[..], b"CANARY"] {
            assert!(sent.windows(word.len()).any(|part| part == word));
            assert!(!bytes.windows(word.len()).any(|part| part == word));
        }
    }
}

#[test]
fn what_is_transparent_is_white() {
    let sent = RgbaImage::from_fn(512, 512, |x, _| Rgba(if x < 256 { [0, 0, 0, 0] } else { [0, 0, 0, 255] }));
    for format in [Png, WebP] {
        let image = kept(&written(sent.clone(), format), (256, 256));
        assert_like(&image, (60, 60), [255; 3]);
        assert_like(&image, (200, 60), [0; 3]);
    }
}

/// None of these has any pixels behind its header, so that it cannot have been decoded.
#[test]
fn too_many_pixels_are_refused_by_the_header_alone() {
    let png = written(plain(2, 2, RED), Png);
    let jpeg = written(plain(2, 2, RED), Jpeg);
    let scan = jpeg.windows(2).position(|marker| marker == [0xff, 0xda]).unwrap();
    for (width, height) in [(60_000, 60_000), (8_193, 1), (1, 8_193), (8_000, 3_126)] {
        let header = &png_of_size(png.clone(), width.into(), height.into())[..41];
        assert_eq!(encode(header, (256, 256)), Err(Unfit::TooLarge), "{width} by {height}");
        let header = &jpeg_of_size(jpeg.clone(), width, height)[..scan + 14];
        assert_eq!(encode(header, (256, 256)), Err(Unfit::TooLarge), "{width} by {height}");
    }
    assert_eq!(encode(&webp(8_000, 3_126, 16), (256, 256)), Err(Unfit::TooLarge));
}

#[test]
fn a_frame_larger_than_its_image_is_not_decoded() {
    assert_eq!(encode(&webp(16, 16, 16_383), (256, 256)), Err(Unfit::TooLarge));
    assert_eq!(encode(&webp(16, 16, 16), (256, 256)), Err(Unfit::Malformed), "it ends too soon");
    assert!(!webp::has_larger_frame(&webp(16, 16, 16), (16, 16)));
    assert!(webp::has_larger_frame(&webp(16, 16, 17), (16, 17)));
}

/// Sixteen bits a channel are more bytes than pixels are allowed for.
#[test]
fn as_many_pixels_of_twice_the_depth_are_too_many() {
    let deep = image::ImageBuffer::<Rgba<u16>, _>::new(2, 2);
    let png = png_of_size(written(deep, Png), 5_000, 3_000);
    assert_eq!(encode(&png, (256, 256)), Err(Unfit::TooLarge));
}

#[test]
fn what_is_no_image_or_ends_too_soon_is_malformed() {
    let png = written(plain(64, 64, RED), Png);
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    for bytes in [&b""[..], b"not an image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", gif, &png[..40]] {
        assert_eq!(encode(bytes, (256, 256)), Err(Unfit::Malformed), "{bytes:?}");
    }
}

/// 24 million pixels behind a header that says there are four thousand: what is too much is never unpacked into memory.
#[test]
fn more_data_than_the_header_says_does_no_harm() {
    let large = written(DynamicImage::new_luma8(8_000, 3_000), Png);
    assert!(large.len() < 200_000, "{}", large.len());
    assert_like(&kept(&png_of_size(large, 64, 64), (256, 256)), (128, 128), [0; 3]);
}

#[actix_web::test]
async fn as_many_as_may_are_made_or_wait_and_one_more_is_refused() {
    let metrics = Metrics::new();
    let maker = ImageMaker::with(1, 1, metrics.clone());
    let (go, going) = mpsc::channel::<()>();
    let begin = |work: Box<dyn FnOnce() -> Result<u8, Unfit> + Send>| {
        let maker = maker.clone();
        actix_web::rt::spawn(async move { maker.run(work).await })
    };
    let first = begin(Box::new(move || going.recv().map(|()| 1).map_err(|_| Unfit::Malformed)));
    while metrics.images_under_way.get() == 0 {
        tokio::task::yield_now().await;
    }
    let second = begin(Box::new(|| Ok(2)));
    while maker.places.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(maker.run(|| Ok(3)).await, Err(NotMade::Busy));
    assert_eq!((metrics.images_under_way.get(), metrics.limit_hits.of(LIMIT).get()), (1, 1));
    go.send(()).unwrap();
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Ok(1), Ok(2)));
    assert_eq!((maker.run(|| Ok(3)).await, metrics.images_under_way.get()), (Ok(3), 0));
}

#[actix_web::test]
async fn a_decoder_that_panics_has_no_image() {
    let maker = ImageMaker::new(Metrics::new());
    let made: Result<(), _> = maker.run(|| panic!("a fault of a decoder")).await;
    assert_eq!(made, Err(NotMade::Unfit(Unfit::Malformed)));
    assert_eq!(maker.places.available_permits(), AT_ONCE + WAITING_MAX);
}
