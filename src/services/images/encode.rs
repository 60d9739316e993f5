//! From whatever was sent to the image that is kept: one size, one format, nothing but the picture.
//! It must not know whose image it is, nor wait for anything.

use super::webp;
use image::{
    DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Rgb, RgbImage,
    RgbaImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
    metadata::Orientation,
};
use std::io::Cursor;

/// Of what is sent, in pixels a side.
pub(crate) const SIDE_MAX: u32 = 8_192;
/// Of what is sent, in pixels; more than the cameras of telephones make as a rule.
pub(crate) const PIXELS_MAX: u64 = 25_000_000;
/// Of what is sent, in bytes once decoded: four a pixel.
const DECODED_BYTES_MAX: u64 = 4 * PIXELS_MAX;
/// Of what is kept; above it, files grow faster than anybody sees.
const QUALITY: u8 = 85;
/// What is seen through a transparent image: JPEG has no transparency.
const BACKGROUND: [u8; 3] = [255, 255, 255];

/// Why something cannot be an image of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// By its header it has too many pixels, or by that of a frame.
    TooLarge,
    /// It is no JPEG, PNG or WebP, or a broken one.
    Malformed,
}

/// The middle of an image, as large as can be, upright and scaled to `size`, as a JPEG. The header is judged before anything
/// is decoded.
pub(crate) fn encode(bytes: &[u8], size: (u32, u32)) -> Result<Vec<u8>, Unfit> {
    let format = image::guess_format(bytes).map_err(unfit)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(Unfit::Malformed);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(unfit)?;
    let (width, height) = decoder.dimensions();
    let has_too_many = u64::from(width) * u64::from(height) > PIXELS_MAX;
    if has_too_many || decoder.total_bytes() > DECODED_BYTES_MAX {
        return Err(Unfit::TooLarge);
    }
    if format == ImageFormat::WebP && webp::has_larger_frame(bytes, (width, height)) {
        return Err(Unfit::TooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(unfit)?;
    let mut upright = fit(&image, before(orientation, size));
    drop(image);
    upright.apply_orientation(orientation);
    write(&on_background(&upright.into_rgba8()))
}

fn limits() -> image::Limits {
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODED_BYTES_MAX);
    limits
}

fn unfit(error: ImageError) -> Unfit {
    match error {
        ImageError::Limits(_) => Unfit::TooLarge,
        _ => Unfit::Malformed,
    }
}

/// The size that has `size` once it is turned upright.
fn before(orientation: Orientation, (width, height): (u32, u32)) -> (u32, u32) {
    use Orientation::*;
    match orientation {
        Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH => (height, width),
        NoTransforms | Rotate180 | FlipHorizontal | FlipVertical => (width, height),
    }
}

/// The middle of an image, scaled. First to twice the size, without a copy of the whole, then with a better filter.
fn fit(image: &DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    let (cut_width, cut_height) = largest_within(image.dimensions(), (width, height));
    let (x, y) = ((image.width() - cut_width) / 2, (image.height() - cut_height) / 2);
    let middle = imageops::crop_imm(image, x, y, cut_width, cut_height);
    let small = match cut_width > 2 * width {
        true => imageops::thumbnail(&*middle, 2 * width, 2 * height),
        false => middle.to_image(),
    };
    DynamicImage::from(small).resize_exact(width, height, FilterType::CatmullRom)
}

/// The largest size within `outer` that has the shape of `shape`; a side is never nothing.
fn largest_within(outer: (u32, u32), shape: (u32, u32)) -> (u32, u32) {
    let [ow, oh, sw, sh] = [outer.0, outer.1, shape.0, shape.1].map(u64::from);
    let (width, height) = if ow * sh > oh * sw { (oh * sw / sh, oh) } else { (ow, ow * sh / sw) };
    let side = |length: u64, most: u32| u32::try_from(length).unwrap_or(most).clamp(1, most);
    (side(width, outer.0), side(height, outer.1))
}

fn on_background(image: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [r, g, b, alpha] = image.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let over = |color: u8, ground: u8| {
            let sum = u16::from(color) * alpha + u16::from(ground) * (255 - alpha);
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        Rgb([over(r, BACKGROUND[0]), over(g, BACKGROUND[1]), over(b, BACKGROUND[2])])
    })
}

fn write(image: &RgbImage) -> Result<Vec<u8>, Unfit> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(image).map_err(unfit)?;
    Ok(bytes)
}
